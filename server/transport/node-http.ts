import type { IncomingMessage, RequestListener } from 'node:http';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { endsConnection, type HttpHandler, type HttpRequest } from './http.ts';

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > maxBytes) throw new HubError('message-too-large', `body: at most ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request as AsyncIterable<Buffer>;
  } catch (cause) {
    // not a fault of the hub, and nobody is there to read the answer
    throw new HubError('invalid-request', 'body: the connection ended before it was complete', { cause });
  }
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** Serves a handler on Node's own HTTP server. */
export function serveNode(handler: HttpHandler): RequestListener {
  return (request, response) => {
    // by hand: `new URL` throws on what clients may send, and a throw here would end the process
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
    const incoming: HttpRequest = {
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(query),
      headers: headersOf(request),
      body: (maxBytes) => readBody(request, maxBytes),
    };
    void handler(incoming).then((answer) => {
      if (response.destroyed) return;
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(endsConnection(answer) ? { connection: 'close' } : {}),
      });
      response.end(answer.body ?? '');
    });
  };
}
