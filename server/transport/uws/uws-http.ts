import { HubError } from '../../../channels/protocol/hub-error.ts';
import { BodyBuffer } from '../body-buffer.ts';
import { BodyParts } from '../body-parts.ts';
import { endsConnection, type HttpHandler, type HttpRequest, type HttpResponse } from '../http.ts';
import type { UwsRequest, UwsResponse } from './load-uws.ts';
import { statusLine } from '../status-line.ts';
import { UwsStream } from './uws-stream.ts';

export function headersOf(request: UwsRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  request.forEach((key, value) => (headers[key] = value));
  return headers;
}

/** Kept of a body before a handler has accepted the request and said how much it takes; the rest waits in the network. */
const unaskedBytes = 64 * 1024;
const cutOff = (): HubError =>
  new HubError('invalid-request', 'body: the connection ended before the body was complete');

/** uWS frees a chunk after the callback, and hands chunks out from the first turn on: collect at once, copy always. */
class UwsBody {
  readonly #response: UwsResponse;
  readonly #buffer = new BodyBuffer();
  #maxBytes = Number.POSITIVE_INFINITY;
  #settle: { readonly resolve: (body: Uint8Array) => void; readonly reject: (error: unknown) => void } | undefined;
  #fault: unknown;
  #isWhole = false;
  #isPaused = false;
  #parts: BodyParts | undefined;
  #wake = (): void => {};

  constructor(response: UwsResponse) {
    this.#response = response;
    response.onData((chunk, isLast) => this.#onData(new Uint8Array(chunk), isLast));
  }

  read(maxBytes: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#maxBytes = maxBytes;
      this.#settle = { resolve, reject };
      if (this.#buffer.length > maxBytes)
        this.#fault ??= new HubError('message-too-large', `body: at most ${maxBytes} bytes`);
      if (this.#isPaused && this.#fault === undefined) this.#response.resume();
      this.#isPaused = false;
      this.#trySettle();
    });
  }

  /** What has come in, part by part; the network waits meanwhile. @throws HubError invalid-request when the client is gone */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const parts = (this.#parts = new BodyParts());
    if (this.#buffer.length > 0) parts.push(this.#buffer.take());
    for (;;) {
      if (this.#fault !== undefined) throw this.#fault;
      const part = parts.shift();
      if (part === undefined && this.#isWhole) return;
      if (part === undefined) await this.#next();
      else {
        this.#pause();
        yield part;
      }
    }
  }

  /**
   * The response is answered or gone, and must not be touched again; what still comes is passed over. False where the rest
   * of the body still waits in the network, and would stand before the next request.
   */
  end(): boolean {
    const isRead = !this.#isPaused && (this.#parts === undefined || this.#isWhole);
    this.#isPaused = false;
    this.#fail(cutOff());
    return isRead;
  }

  /** Resolves when there is more, or none will come. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#isPaused) this.#response.resume();
      this.#isPaused = false;
    });
  }

  #onData(chunk: Uint8Array, isLast: boolean): void {
    if (this.#fault !== undefined) return;
    try {
      if (this.#parts === undefined) this.#buffer.append(chunk, this.#maxBytes);
      else this.#parts.push(chunk);
    } catch (error) {
      return this.#fail(error);
    }
    this.#isWhole = isLast;
    this.#wake();
    if (isLast) return this.#trySettle();
    const isTooMuch = this.#parts !== undefined || this.#buffer.length >= unaskedBytes;
    if (this.#settle === undefined && isTooMuch && !this.#isPaused) this.#pause();
  }

  /** Again, too: what comes after the first pause lets the engine count the time, and close who does not send. */
  #pause(): void {
    if (this.#isWhole) return;
    this.#isPaused = true;
    this.#response.pause();
  }

  #fail(error: unknown): void {
    this.#fault ??= error;
    this.#wake();
    this.#trySettle();
  }

  #trySettle(): void {
    if (this.#fault !== undefined) this.#settle?.reject(this.#fault);
    else if (this.#isWhole) this.#settle?.resolve(this.#buffer.whole());
  }
}

function bytesOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/**
 * uWS would send the body of an answer to HEAD, where the client expects the next answer; and with a length given here
 * instead of as a header it never takes the request for answered, and drops the next one on the connection.
 */
function writeHead(response: UwsResponse, { body = '' }: HttpResponse, isLast: boolean): void {
  if (isLast) response.writeHeader('connection', 'close');
  if (typeof body !== 'function') response.writeHeader('content-length', String(bytesOf(body).length));
  response.endWithoutBody();
}

/**
 * Writes an answer; `onTaken` is called when the kernel has all of it. A body that goes out in parts is not begun: that is
 * for the caller, with the stream that is returned and must be told when its connection is gone.
 */
export function writeUws(
  response: UwsResponse,
  answer: HttpResponse,
  method: string,
  onTaken = (): void => {},
): UwsStream | undefined {
  let stream: UwsStream | undefined;
  response.cork(() => {
    response.writeStatus(statusLine(answer.status));
    for (const [key, value] of Object.entries(answer.headers ?? {})) response.writeHeader(key, value);
    const isLast = endsConnection(answer);
    const { body = '' } = answer;
    if (method === 'HEAD') {
      writeHead(response, answer, isLast);
      return onTaken();
    }
    if (typeof body === 'function') {
      if (isLast) response.writeHeader('connection', 'close');
      stream = new UwsStream(response);
      stream.onClose(onTaken);
      return;
    }
    const bytes = bytesOf(body);
    if (bytes.length <= atOnceBytes) {
      response.end(bytes, isLast);
      return onTaken();
    }
    if (isLast) response.writeHeader('connection', 'close');
    writeParts(response, bytes, onTaken);
  });
  return stream;
}

/** What is smaller may wait in the engine's own buffer. */
const atOnceBytes = 64 * 1024;

/** No faster than the client takes it: what `end` is given is buffered whole. */
function writeParts(response: UwsResponse, body: Buffer, onTaken: () => void): void {
  const write = (from: number): boolean => {
    const [isOk, isDone] = response.tryEnd(body.subarray(from), body.length);
    if (isDone) onTaken();
    return isOk || isDone;
  };
  if (!write(0)) response.onWritable((offset) => write(offset));
}

/** Serves a handler on uWebSockets.js. The request object is read at once: uWS takes it back after this turn. */
export function serveUws(handler: HttpHandler): (response: UwsResponse, request: UwsRequest) => void {
  return (response, request) => {
    let aborted = false;
    let onTaken: (() => void) | undefined;
    let stream: UwsStream | undefined;
    const body = new UwsBody(response);
    response.onAborted(() => {
      aborted = true;
      body.end();
      if (stream === undefined) onTaken?.();
      else stream.gone();
    });
    const incoming: HttpRequest = {
      method: request.getMethod().toUpperCase(),
      peer: Buffer.from(response.getRemoteAddressAsText()).toString(),
      path: request.getUrl(),
      query: new URLSearchParams(request.getQuery() ?? ''),
      headers: headersOf(request),
      body: (maxBytes) => body.read(maxBytes),
      chunks: () => body.chunks(),
    };
    void handler(incoming).then((answer) => {
      const isRead = body.end();
      onTaken = answer.onTaken;
      if (aborted) return onTaken?.();
      stream = writeUws(response, isRead ? answer : { ...answer, isLast: true }, incoming.method, onTaken);
      if (stream !== undefined && typeof answer.body === 'function') answer.body(stream);
    });
  };
}
