/** Clients that measure: from the time at which an event was to be sent to its arrival. */
import { monotonicMs, readRecordedTime } from './latency-clock.ts';
import { percentile } from './percentile.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

/** From the parent. */
export interface LatencyOrder {
  readonly port: number;
  readonly sockets: number;
  /** Every how many sockets one looks at each event; the others only read. */
  readonly sampleEvery: number;
  readonly connectAuth?: object;
  readonly events: number;
  /** Events at the beginning that only warm up. */
  readonly warmUpEvents: number;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** To the parent. */
export type LatencyReport =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly reason: string }
  /** Every socket has got as many bytes as the sampled ones, and these every event. */
  | {
      readonly type: 'result';
      readonly latency: Percentiles;
      readonly samples: number;
      readonly bytesPerSocket: number;
      readonly cpuSeconds: number;
    };

const marker = Buffer.from('"recordedtime":"');
let ready = 0;
let complete = 0;

function report(message: LatencyReport): void {
  process.send?.(message);
}

/** One sampled socket: what arrived when. */
class Sample {
  readonly #latencies: Float64Array;
  readonly #sentAt: Float64Array;
  count = 0;

  constructor(events: number) {
    this.#latencies = new Float64Array(events);
    this.#sentAt = new Float64Array(events);
  }

  read(payload: Buffer, nowMs: number): void {
    for (let at = payload.indexOf(marker); at >= 0; at = payload.indexOf(marker, at + marker.length)) {
      const sentMs = readRecordedTime(payload, at + marker.length);
      this.#sentAt[this.count] = sentMs;
      this.#latencies[this.count++] = nowMs - sentMs;
    }
  }

  /** Of the events that were to be sent after the warm-up. */
  latencies(warmUpEvents: number): Float64Array {
    const fromMs = this.#sentAt.slice().sort()[warmUpEvents] ?? 0;
    return this.#latencies.filter((_, index) => (this.#sentAt[index] ?? 0) >= fromMs);
  }

  /** An event that came twice would stand in for one that did not come. */
  get distinct(): number {
    return new Set(this.#sentAt).size;
  }
}

class Clients {
  readonly #order: LatencyOrder;
  readonly #samples: Sample[] = [];
  readonly #bytes: number[];

  constructor(order: LatencyOrder) {
    this.#order = order;
    this.#bytes = Array.from({ length: order.sockets }, () => 0);
  }

  async open(): Promise<void> {
    for (let index = 0; index < this.#order.sockets; index++) {
      this.#openOne(index, index % this.#order.sampleEvery === 0);
      // a listen backlog is finite
      if (index % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #openOne(index: number, sampled: boolean): void {
    const { port, connectAuth, events } = this.#order;
    const sample = sampled ? new Sample(events) : undefined;
    if (sample !== undefined) this.#samples.push(sample);
    const socket = openRawSocket({
      port,
      path: connectAuth === undefined ? '/' : '/socket.io/?EIO=4&transport=websocket',
      onOpen: () => {
        if (connectAuth === undefined) this.#onReady();
      },
      onMessage: (payload) => this.#onMessage(socket, index, payload, sample),
      onClose: (reason) => report({ type: 'failed', reason: `socket ${index}: ${reason}` }),
    });
  }

  #onMessage(socket: RawSocket, index: number, payload: Buffer, sample: Sample | undefined): void {
    const nowMs = monotonicMs();
    const start = payload.toString('latin1', 0, 12);
    if (start.startsWith('42["events"')) this.#onEvents(index, payload, sample, nowMs);
    else if (start.startsWith('0')) socket.send(`40${JSON.stringify(this.#order.connectAuth)}`);
    else if (start === '2') socket.send('3');
    else if (start.startsWith('42["live"')) this.#onReady();
    else if (start.startsWith('44') || start.startsWith('42["ended'))
      report({ type: 'failed', reason: payload.toString() });
  }

  #onEvents(index: number, payload: Buffer, sample: Sample | undefined, nowMs: number): void {
    this.#bytes[index] = (this.#bytes[index] ?? 0) + payload.length;
    if (sample === undefined) return;
    sample.read(payload, nowMs);
    if (sample.count === this.#order.events) complete += 1;
    // the other sockets of this turn are read first
    if (complete === this.#samples.length) setTimeout(() => this.#finish(), 500);
  }

  #onReady(): void {
    ready += 1;
    if (ready === this.#order.sockets) report({ type: 'ready' });
  }

  #finish(): void {
    const { warmUpEvents, events } = this.#order;
    const bytesPerSocket = this.#bytes[0] ?? 0;
    const wrong = this.#bytes.findIndex((bytes) => bytes !== bytesPerSocket);
    if (wrong >= 0) return report({ type: 'failed', reason: `socket ${wrong} got other bytes than socket 0` });
    if (this.#samples.some(({ distinct }) => distinct !== events))
      return report({ type: 'failed', reason: 'events were repeated' });
    const all = Float64Array.from(this.#samples.flatMap((sample) => [...sample.latencies(warmUpEvents)])).sort();
    const at = (part: number): number => Number(percentile(all, part).toFixed(3));
    const { user, system } = process.cpuUsage();
    report({
      type: 'result',
      latency: { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) },
      samples: all.length,
      bytesPerSocket,
      cpuSeconds: (user + system) / 1e6,
    });
  }
}

process.on('message', (order: LatencyOrder) => void new Clients(order).open());
