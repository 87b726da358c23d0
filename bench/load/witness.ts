import { randomUUID } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

export interface WitnessOptions {
  readonly port: number;
  /** Of a tenant that may read, and send to `connector`. */
  readonly token: string;
  readonly connector: string;
  readonly ratePerSecond: number;
}

const entities = 50;
const mark = /seq-(\d+)\./g;

/**
 * A well-behaved user: changes by HTTP at a steady rate, each of which has to come back as a live event. It keeps to its
 * schedule however late the hub is, and the time of a change begins when it was due, so a stall counts for all that it
 * delays.
 */
export class Witness {
  readonly #options: WitnessOptions;
  /** Fewer at once than a principal may have: what is due waits its turn. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  /** Makes each change one, also where somebody sent the same before. */
  readonly #run = randomUUID();
  readonly #dueMs: number[] = [];
  readonly #latencyMs: number[] = [];
  readonly #socket: RawSocket;
  readonly #live: Promise<void>;
  #fault: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
    let [goLive, fail]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
    this.#live = new Promise((resolve, reject) => ([goLive, fail] = [resolve, reject]));
    const subscriptions = [{ id: 's', channel: 'assets' }];
    const auth = { token: options.token, protocol: 1, client: 'witness', subscriptions };
    this.#socket = openRawSocket({
      port: options.port,
      path: '/socket.io/?EIO=4&transport=websocket',
      onOpen: () => this.#socket.send(`40${JSON.stringify(auth)}`),
      onMessage: (payload) => {
        if (payload[0] === 50 && payload.length === 1) this.#socket.send('3');
        const text = payload.toString('latin1');
        if (text.startsWith('42["live"')) goLive();
        for (const [, seq] of text.matchAll(mark)) this.#saw(Number(seq));
      },
      onClose: (reason) => {
        this.#fault ??= `its connection ended: ${reason}`;
        fail(new Error(this.#fault));
      },
    });
  }

  /** Resolves when it is live; from then on it sends. */
  async start(): Promise<void> {
    await this.#live;
    const [firstMs, everyMs] = [performance.now(), 1000 / this.#options.ratePerSecond];
    this.#timer = setInterval(
      () => {
        for (let due = firstMs + this.#dueMs.length * everyMs; due <= performance.now(); due += everyMs)
          this.#send(due);
      },
      Math.min(everyMs, 5),
    );
  }

  /** Everything sent until now has come back, or the time is over. */
  async settled(timeoutMs = 20_000): Promise<void> {
    const [count, deadline] = [this.#dueMs.length, performance.now() + timeoutMs];
    const isMissing = (): boolean => {
      for (let seq = 0; seq < count; seq++) if (this.#latencyMs[seq] === undefined) return true;
      return false;
    };
    while (isMissing() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Of the changes that were due from `from` on: milliseconds until the live event, Infinity where none came. */
  latencies(from = 0): readonly number[] {
    const count = this.#dueMs.length;
    return Array.from(
      { length: count - from },
      (_, index) => this.#latencyMs[from + index] ?? Number.POSITIVE_INFINITY,
    );
  }

  /** How many changes were due until now. */
  get sent(): number {
    return this.#dueMs.length;
  }

  /** What went wrong, first. */
  get fault(): string | undefined {
    return this.#fault;
  }

  pause(): void {
    clearInterval(this.#timer);
  }

  stop(): void {
    this.pause();
    this.#fault ??= 'stopped';
    this.#socket.close();
    this.#agent.destroy();
  }

  #saw(seq: number): void {
    const dueMs = this.#dueMs[seq];
    if (dueMs !== undefined) this.#latencyMs[seq] ??= performance.now() - dueMs;
  }

  #send(dueMs: number): void {
    const seq = this.#dueMs.push(dueMs) - 1;
    const { token } = this.#options;
    const subject = `w-${seq % entities}`;
    const data = { asset: { type: 'table', name: subject, description: `seq-${seq}. ${this.#run}` } };
    const event = {
      specversion: '1.0',
      source: `/witness/${process.pid}`,
      id: `${seq}-${dueMs}`,
      type: 'gov.asset.updated',
      subject,
      data,
    };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' };
    this.#post(JSON.stringify(event), headers);
  }

  #post(body: string, headers: OutgoingHttpHeaders): void {
    const { port, connector } = this.#options;
    const path = `/v1/ingest/${connector}`;
    const sending = request({ port, host: '127.0.0.1', agent: this.#agent, method: 'POST', path, headers });
    sending.on('response', (response) => {
      response.resume();
      if (response.statusCode !== 200) this.#fault ??= `its change was refused with ${response.statusCode}`;
    });
    sending.on('error', (error) => {
      // the hub may close a connection that was idle in the moment in which it is used again
      if (sending.reusedSocket) this.#post(body, headers);
      else this.#fault ??= `its change was not sent: ${error.message}`;
    });
    sending.end(body);
  }
}
