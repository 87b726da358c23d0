import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server and can be cut. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;
  #bytesLeft = Number.POSITIVE_INFINITY;

  constructor(host: string, port: number) {
    this.#server = createServer((downstream) => {
      if (this.#cut) {
        downstream.destroy();
        return;
      }
      const upstream = connect(port, host);
      for (const [from, to] of [
        [downstream, upstream],
        [upstream, downstream],
      ] as const) {
        this.#sockets.add(from);
        from
          .on('error', () => undefined)
          .on('close', () => {
            this.#sockets.delete(from);
            to.destroy();
          });
      }
      downstream.on('data', (chunk) => this.#count(chunk.length));
      downstream.pipe(upstream).pipe(downstream);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#cut = false;
  }

  /** Breaks all connections once, after so many more bytes to the server. */
  breakAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  #count(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft > 0) return;
    this.#bytesLeft = Number.POSITIVE_INFINITY;
    this.cut();
    this.restore();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
