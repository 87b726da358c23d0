import { HubError } from '../../channels/protocol/hub-error.ts';
import { endsConnection, type HttpHandler, type HttpRequest, type HttpResponse } from './http.ts';
import type { UwsRequest, UwsResponse } from './load-uws.ts';
import { statusLine } from './status-line.ts';

function headersOf(request: UwsRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  request.forEach((key, value) => (headers[key] = value));
  return headers;
}

/** uWS frees a chunk after the callback, and hands chunks out from the first turn on: collect at once, copy always. */
function collect(response: UwsResponse): {
  readonly body: (maxBytes: number) => Promise<Uint8Array>;
  readonly abort: () => void;
} {
  const chunks: Buffer[] = [];
  let size = 0;
  let limit = Number.POSITIVE_INFINITY;
  let finish: (() => void) | undefined;
  let fail: ((error: HubError) => void) | undefined;
  let done = false;
  let aborted = false;
  // before the handler says its limit nothing beyond this is kept
  const hardLimitBytes = 64 * 1024 * 1024;
  const tooLarge = (): HubError =>
    new HubError('message-too-large', `body: at most ${Math.min(limit, hardLimitBytes)} bytes`);
  response.onData((chunk, isLast) => {
    size += chunk.byteLength;
    if (size <= Math.min(limit, hardLimitBytes)) chunks.push(Buffer.from(Buffer.from(chunk)));
    else fail?.(tooLarge());
    if (isLast) {
      done = true;
      finish?.();
    }
  });
  const cutOff = (): HubError =>
    new HubError('invalid-request', 'body: the connection ended before the body was complete');
  const abort = (): void => {
    aborted = true;
    fail?.(cutOff());
  };
  const body = (maxBytes: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      limit = maxBytes;
      fail = reject;
      finish = () => (size > Math.min(limit, hardLimitBytes) ? reject(tooLarge()) : resolve(Buffer.concat(chunks)));
      if (size > limit) reject(tooLarge());
      else if (done) finish();
      else if (aborted) reject(cutOff());
    });
  return { body, abort };
}

function write(response: UwsResponse, answer: HttpResponse, method: string): void {
  response.cork(() => {
    response.writeStatus(statusLine(answer.status));
    for (const [key, value] of Object.entries(answer.headers ?? {})) response.writeHeader(key, value);
    const isLast = endsConnection(answer);
    if (method !== 'HEAD') return void response.end(answer.body ?? '', isLast);
    // uWS would send the body of an answer to HEAD, where the client expects the next answer; and with a length given
    // here instead of as a header it never takes the request for answered, and drops the next one on the connection
    if (isLast) response.writeHeader('connection', 'close');
    response.writeHeader('content-length', String(Buffer.byteLength(answer.body ?? ''))).endWithoutBody();
  });
}

/** Serves a handler on uWebSockets.js. The request object is read at once: uWS takes it back after this turn. */
export function serveUws(handler: HttpHandler): (response: UwsResponse, request: UwsRequest) => void {
  return (response, request) => {
    let aborted = false;
    const { body, abort } = collect(response);
    response.onAborted(() => {
      aborted = true;
      abort();
    });
    const incoming: HttpRequest = {
      method: request.getMethod().toUpperCase(),
      path: request.getUrl(),
      query: new URLSearchParams(request.getQuery() ?? ''),
      headers: headersOf(request),
      body,
    };
    void handler(incoming).then((answer) => {
      if (!aborted) write(response, answer, incoming.method);
    });
  };
}
