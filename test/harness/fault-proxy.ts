import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultLane } from './fault-lane.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where the server of a URL listens. */
export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** One connection through a proxy, and what can happen to it. `up` is towards the server. */
export interface ProxiedConnection {
  /** Resets both sides at once. */
  cut(): void;
  /** Resets it when so many more bytes have gone in one direction, so in the middle of a frame. */
  cutAfter(bytes: number, direction: 'up' | 'down'): void;
  /** Nothing goes through any more, and neither side learns it. */
  pause(): void;
  resume(): void;
  delay(ms: number): void;
}

/** What can happen to all connections of a network. */
export interface NetworkFaults {
  readonly connections: readonly ProxiedConnection[];
  /** Resets every connection; new ones are let in. */
  cut(): void;
  /** Freezes every connection; new ones are accepted, as the kernel of a frozen server does, and stay silent. */
  pause(): void;
  /** Resets new connections; those that there are stay. */
  refuse(): void;
  delay(ms: number): void;
  /** Ends what `pause`, `refuse` and `delay` began, also for single connections. */
  restore(): void;
  close(): Promise<void>;
}

/**
 * A reset of Node sends first what is still to be written: for ever, to a peer that reads nothing. What is destroyed
 * with unread bytes is reset by the kernel.
 */
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableLength > 0) socket.destroy();
  else socket.resetAndDestroy();
}

class Connection implements ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: FaultLane;
  readonly #down: FaultLane;
  #paused = false;
  #lost = false;

  constructor(client: Socket, server: Socket, onClosed: () => void) {
    this.#client = client;
    this.#server = server;
    this.#up = new FaultLane(client, server, () => this.cut());
    this.#down = new FaultLane(server, client, () => this.cut());
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#onLost());
    }
    let open = 2;
    for (const socket of [client, server]) socket.on('close', () => (open -= 1) === 0 && onClosed());
  }

  cut(): void {
    this.#up.stop();
    this.#down.stop();
    if (!this.#client.destroyed) reset(this.#client);
    if (!this.#server.destroyed) reset(this.#server);
  }

  cutAfter(bytes: number, direction: 'up' | 'down'): void {
    (direction === 'up' ? this.#up : this.#down).limit(bytes);
  }

  pause(): void {
    this.#paused = true;
    this.#up.hold();
    this.#down.hold();
  }

  resume(): void {
    this.#paused = false;
    if (this.#lost) return this.cut();
    this.#up.release();
    this.#down.release();
  }

  delay(ms: number): void {
    this.#up.delayMs = ms;
    this.#down.delayMs = ms;
  }

  /** What ends behind a pause is not known in front of it. */
  #onLost(): void {
    this.#lost = true;
    if (!this.#paused) this.cut();
  }
}

/**
 * A TCP proxy that can do what networks and frozen servers do, to one connection or to all. Each new connection goes to
 * where `target` says then; `undefined`, or nobody listening there, resets it.
 */
export class FaultProxy implements NetworkFaults {
  readonly #target: () => Address | undefined;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #refuses = false;
  #paused = false;
  #delayMs = 0;

  constructor(target: () => Address | undefined) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Resolves with the port. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): readonly ProxiedConnection[] {
    return [...this.#connections];
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  pause(): void {
    this.#paused = true;
    for (const connection of this.#connections) connection.pause();
  }

  refuse(): void {
    this.#refuses = true;
  }

  delay(ms: number): void {
    this.#delayMs = ms;
    for (const connection of this.#connections) connection.delay(ms);
  }

  restore(): void {
    this.#refuses = false;
    this.#paused = false;
    this.delay(0);
    for (const connection of this.#connections) connection.resume();
  }

  async close(): Promise<void> {
    this.#refuses = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    const target = this.#refuses ? undefined : this.#target();
    if (target === undefined) {
      client.on('error', () => undefined);
      reset(client);
      return;
    }
    const server = connect({ ...target, allowHalfOpen: true });
    const connection = new Connection(client, server, () => this.#connections.delete(connection));
    this.#connections.add(connection);
    connection.delay(this.#delayMs);
    if (this.#paused) connection.pause();
    else client.resume();
  }
}

/** Several proxies as one network: each broker of a cluster names itself to its clients, so each has its own. */
export function groupOf(proxies: readonly FaultProxy[]): NetworkFaults {
  const each = (act: (proxy: FaultProxy) => void) => (): void => proxies.forEach((proxy) => act(proxy));
  return {
    get connections() {
      return proxies.flatMap(({ connections }) => connections);
    },
    cut: each((proxy) => proxy.cut()),
    pause: each((proxy) => proxy.pause()),
    refuse: each((proxy) => proxy.refuse()),
    restore: each((proxy) => proxy.restore()),
    delay: (ms) => each((proxy) => proxy.delay(ms))(),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
