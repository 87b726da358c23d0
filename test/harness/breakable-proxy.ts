import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between clients and a hub that can break. */
export interface BreakableProxy {
  readonly url: string;
  /** Breaks all connections, and lets in no new one until `mend`. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** Passes new connections on to another hub; those that there are stay. */
  readonly to: (target: string) => void;
  readonly close: () => Promise<void>;
}

/** Listens on a port of its own and passes every connection on to `target`. */
export async function startBreakableProxy(target: string): Promise<BreakableProxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isWhole = true;
  const server = createServer((client) => {
    if (!isWhole) return client.destroy();
    const hub = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, hub],
      [hub, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isWhole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => (isWhole = true),
    to: (next) => ({ hostname, port } = new URL(next)),
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
