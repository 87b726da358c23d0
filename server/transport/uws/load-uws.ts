import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The parts of uWebSockets.js that the hub uses itself; Socket.IO uses more of it behind `attachApp`. */
export interface UwsWebSocket {
  /** At once. */
  close(): void;
  /** With a frame that says why. */
  end(code: number, reason: string): void;
  send(message: string): number;
  getBufferedAmount(): number;
  getUserData(): unknown;
}

export interface UwsResponse {
  onAborted(handler: () => void): UwsResponse;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
  /** Reads no more of the body for now. */
  pause(): void;
  resume(): void;
  cork(write: () => void): UwsResponse;
  getRemoteAddressAsText(): ArrayBuffer;
  writeStatus(status: string): UwsResponse;
  writeHeader(key: string, value: string): UwsResponse;
  /** A part of a body of unknown length. False: it waits in memory until `onWritable`. */
  write(chunk: string | Uint8Array): boolean;
  end(body?: string | Uint8Array, closeConnection?: boolean): UwsResponse;
  /** Writes as much as the kernel takes. What is left goes out from `onWritable` on. */
  tryEnd(part: Uint8Array, totalBytes: number): readonly [isOk: boolean, isDone: boolean];
  /** `offset`: how much of the body has been taken. Returns whether the next part was, too. */
  onWritable(handler: (offset: number) => boolean): UwsResponse;
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): UwsResponse;
  close(): UwsResponse;
  /** Becomes a WebSocket with these user data; `context` is that of the upgrade. */
  upgrade(userData: object, key: string, protocol: string, extensions: string, context: unknown): void;
}

export interface UwsRequest {
  getMethod(): string;
  getUrl(): string;
  getQuery(): string | undefined;
  /** Empty where there is none. */
  getHeader(name: string): string;
  forEach(visit: (key: string, value: string) => void): void;
}

export interface UwsApp {
  any(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  get(pattern: string, handler: (response: UwsResponse, request: UwsRequest) => void): UwsApp;
  ws(pattern: string, behavior: Readonly<Record<string, unknown>>): UwsApp;
  publish(topic: string, message: string, isBinary?: boolean): boolean;
  listen(host: string, port: number, options: number, callback: (token: unknown) => void): UwsApp;
  close(): void;
}

export interface Uws {
  App(): UwsApp;
  us_socket_local_port(token: unknown): number;
  us_listen_socket_close(token: unknown): void;
}

/** Of the first line and all headers of a request together: the longest token, and room for the rest. */
export const maxHeaderBytes = 32 * 1024;

const native = ['App', 'us_socket_local_port', 'us_listen_socket_close'] as const;

function isUws(candidate: object): candidate is Uws {
  return native.every((name) => typeof Reflect.get(candidate, name) === 'function');
}

function asUws(loaded: object): Uws | undefined {
  const candidate =
    'default' in loaded && typeof loaded.default === 'object' && loaded.default !== null
      ? { ...loaded, ...loaded.default }
      : loaded;
  return isUws(candidate) ? candidate : undefined;
}

async function tryLoad(specifier: string): Promise<Uws | undefined> {
  try {
    const target = specifier.startsWith('/')
      ? pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href
      : specifier;
    const loaded: object = await import(target);
    return asUws(loaded);
  } catch {
    // no binary for this platform or Node version: the caller falls back and says so
    return undefined;
  }
}

/**
 * uWebSockets.js from, in this order: an operator's own build (`modulePath`), the package. Undefined when none loads
 * on this machine; the hub then runs on the `ws` engine, slower but the same.
 */
export async function loadUws(modulePath: string | undefined): Promise<Uws | undefined> {
  // read when the library is loaded; with its own 4 KiB a token that a WebSocket takes would be too long for HTTP
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(maxHeaderBytes);
  return modulePath === undefined ? tryLoad('uWebSockets.js') : tryLoad(modulePath);
}
