import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of a request: it is passed on, refused with a status, answered with what is no JSON or far too long, or never
 * answered.
 */
export type HttpFault = 'none' | 401 | 403 | 429 | 500 | 503 | 'garbage' | 'endless' | 'silent' | 'broken';

/** An HTTP server in front of another, which can be as bad as any. */
export class FaultyHttp {
  fault: HttpFault = 'none';
  readonly #target: string;
  readonly #server: Server = createServer((incoming, answer) => this.#handle(incoming, answer));

  constructor(target: string) {
    this.#target = target;
  }

  /** Resolves with its address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #handle(incoming: IncomingMessage, answer: ServerResponse): void {
    const { fault } = this;
    if (fault === 'none') return this.#pass(incoming, answer);
    incoming.resume();
    if (fault === 'broken') return void incoming.socket.destroy();
    if (typeof fault === 'number') {
      answer.writeHead(fault, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ message: 'not now', code: 'some_code', type: 'auth', link: '' }));
    }
    if (fault === 'garbage') answer.writeHead(200, { 'content-type': 'application/json' }).end('{"results": 7');
    if (fault === 'endless') this.#flood(answer.writeHead(200, { 'content-type': 'application/json' }));
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url = '/', headers } = incoming;
    const passed = request(new URL(url, this.#target), { method, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    incoming.pipe(passed);
  }

  #flood(answer: ServerResponse): void {
    const chunk = `"${'x'.repeat(64 * 1024)}",`;
    answer.write('[');
    const more = (): void => {
      while (!answer.destroyed && answer.write(chunk));
      if (!answer.destroyed) answer.once('drain', more);
    };
    more();
  }
}
