import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { BodyBuffer } from './body-buffer.ts';
import { clientAddress } from './client-address.ts';
import type { TextResponse } from './error-response.ts';
import { endsConnection, type HttpBody, type HttpHandler, type HttpRequest } from './http.ts';
import type { Knock } from './knock.ts';
import { NodeStream } from './node-stream.ts';
import { statusLine } from './status-line.ts';

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const buffer = new BodyBuffer();
  for await (const chunk of bodyOf(request)) buffer.append(chunk, maxBytes);
  return buffer.whole();
}

async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request;
  } catch (cause) {
    throw cutOff(cause);
  }
}

/** Not an error of the hub, and the client is gone. */
function cutOff(cause: unknown): HubError {
  return new HubError('invalid-request', 'body: the connection ended before it was complete', { cause });
}

/** `onBegun` gets whether the rest would stand before the next request of the connection. */
async function* chunksOf(request: IncomingMessage, onBegun: (isCut: boolean) => void): AsyncGenerator<Uint8Array> {
  const buffer = new BodyBuffer();
  onBegun(true);
  try {
    // what is not read must not end the connection before the answer
    const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) {
      buffer.append(chunk, Number.POSITIVE_INFINITY);
      yield buffer.take();
    }
  } catch (thrown) {
    throw thrown instanceof HubError ? thrown : cutOff(thrown);
  }
  onBegun(false);
}

export function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** By hand: `new URL` throws on what clients may send, and a throw here would end the process. */
function splitUrl({ url = '/' }: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', query = ''] = url.split(/\?(.*)/s, 2);
  return { path, query: new URLSearchParams(query) };
}

/** Of the client of a request, on either engine. */
export function peerAddress(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = request.headers['x-forwarded-for'];
  const header = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  return clientAddress(request.connection.remoteAddress ?? '', header, trustedProxies);
}

export function nodeKnock(request: IncomingMessage, trustedProxies: number): Knock {
  const { query } = splitUrl(request);
  return { isUpgrade: true, query, origin: request.headers.origin, address: peerAddress(request, trustedProxies) };
}

/** Answers an upgrade in plain HTTP, and closes. */
export function refuseUpgrade(socket: Duplex, { status, headers = {}, body }: TextResponse): void {
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': `${Buffer.byteLength(body)}` });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${statusLine(status)}\r\n${head}\r\n${body}`);
}

function writeBody(response: ServerResponse, body: HttpBody = '', method: string): void {
  if (typeof body !== 'function') response.end(body);
  else if (method === 'HEAD') response.end();
  else body(new NodeStream(response));
}

/** Serves a handler on Node's own HTTP server. */
export function serveNode(handler: HttpHandler): RequestListener {
  return (request, response) => {
    let isCut = false;
    const incoming: HttpRequest = {
      method: request.method ?? 'GET',
      peer: request.socket.remoteAddress ?? '',
      ...splitUrl(request),
      headers: headersOf(request),
      body: (maxBytes) => readBody(request, maxBytes),
      chunks: () => chunksOf(request, (now) => (isCut = now)),
    };
    void handler(incoming).then((given) => {
      const answer = isCut ? { ...given, isLast: true } : given;
      if (response.destroyed) return answer.onTaken?.();
      response.once('close', () => answer.onTaken?.());
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(endsConnection(answer) ? { connection: 'close' } : {}),
      });
      writeBody(response, answer.body, incoming.method);
    });
  };
}
