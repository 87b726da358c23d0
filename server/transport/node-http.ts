import type { IncomingMessage, RequestListener } from 'node:http';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { HttpHandler, HttpRequest } from './http.ts';

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new HubError('message-too-large', `body: at most ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

/** Serves a handler on Node's own HTTP server. */
export function serveNode(handler: HttpHandler): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const incoming: HttpRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: headersOf(request),
      body: (maxBytes) => readBody(request, maxBytes),
    };
    void handler(incoming).then((answer) => {
      if (response.destroyed) return;
      response.writeHead(answer.status, { ...answer.headers, ...(answer.status === 413 ? { connection: 'close' } : {}) });
      response.end(answer.body ?? '');
    });
  };
}
