/**
 * What comes in is charged before it is looked at: parsing is what costs, and a refusal that parses first protects from
 * nothing. The engine's frame is the first place at which both WebSocket engines meet.
 */
import type { IncomingMessage } from 'node:http';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

export interface InboundLimit {
  readonly bytesPerSecond: number;
  /** At once; at least the largest message. */
  readonly burstBytes: number;
  readonly stopwatch: Stopwatch;
}

/** A frame of engine.io: `data` is text, or bytes for a binary message. */
interface EnginePacket {
  readonly type: string;
  readonly data?: unknown;
}

/** Added to the length of each: what a message costs however short it is. */
const bytesPerMessage = 512;

const flooding = (): HubError =>
  new HubError('rate-limited', 'this connection sends more than it may; it is closed', { retryAfterMs: 5000 });
const binary = (): HubError =>
  new HubError('invalid-request', 'message: binary messages are not understood; send text');

/** Socket.IO marks messages with attachments by these; the attachments would come behind. */
function isBinary(data: unknown): boolean {
  return typeof data !== 'string' || data.startsWith('5') || data.startsWith('6');
}

/** The peer of one connection, and what it may still send. Lean: there are as many of these as connections. */
export class Peer {
  readonly address: string;
  /** Of the session, once there is one. */
  session: string | undefined;
  readonly #limit: InboundLimit;
  #bytes: number;
  #atMs: number;
  #charge: ((bytes: number) => boolean) | undefined;
  #isRefused = false;

  constructor(address: string, limit: InboundLimit) {
    this.address = address;
    this.#limit = limit;
    this.#bytes = limit.burstBytes;
    this.#atMs = limit.stopwatch.elapsedMs();
  }

  /** From now on `take` is charged too: the budget of the principal, once that is known. */
  charge(take: (bytes: number) => boolean): void {
    this.#charge = take;
  }

  /** Charges a frame; why it may not be looked at, the first time, and `ignored` from then on. */
  take({ type, data }: EnginePacket): HubError | 'ignored' | undefined {
    if (this.#isRefused) return 'ignored';
    const bytes = bytesPerMessage + (typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0);
    const isTooMuch = !this.#has(bytes) || this.#charge?.(bytes) === false;
    const refusal = isTooMuch ? flooding() : type === 'message' && isBinary(data) ? binary() : undefined;
    this.#isRefused = refusal !== undefined;
    return refusal;
  }

  #has(bytes: number): boolean {
    const { bytesPerSecond, burstBytes, stopwatch } = this.#limit;
    const nowMs = stopwatch.elapsedMs();
    this.#bytes = Math.min(burstBytes, this.#bytes + ((nowMs - this.#atMs) * bytesPerSecond) / 1000) - bytes;
    this.#atMs = nowMs;
    return this.#bytes >= 0;
  }
}

/** The parts of engine.io that are needed here. */
export interface EngineSocket {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly transport: EngineTransport;
  once(event: 'close', listener: () => void): void;
  write(data: string): void;
  close(): void;
}

interface EngineTransport {
  onPacket: (this: EngineTransport, packet: EnginePacket) => void;
}

interface Guarded {
  readonly peer: Peer;
  readonly onRefused: (error: HubError) => void;
}

const guards = new WeakMap<object, Guarded>();
const guardedClasses = new WeakSet<object>();

/** Once for each class of transports: a function for each connection would take more than the budget itself. */
function guardClass(transport: EngineTransport): void {
  const prototype = Object.getPrototypeOf(transport) as EngineTransport;
  if (guardedClasses.has(prototype)) return;
  guardedClasses.add(prototype);
  const pass = prototype.onPacket;
  prototype.onPacket = function guarded(this: EngineTransport, packet) {
    const guard = guards.get(this);
    const refusal = guard?.peer.take(packet);
    if (refusal === undefined) pass.call(this, packet);
    else if (refusal !== 'ignored') guard?.onRefused(refusal);
  };
}

/** Puts the budget in front of a connection. `onRefused` ends it: nothing of it is looked at any more. */
export function guardInbound({ transport }: EngineSocket, peer: Peer, onRefused: (error: HubError) => void): void {
  guardClass(transport);
  guards.set(transport, { peer, onRefused });
}
