/**
 * What comes in is charged before it is checked: parsing is what costs, and a refusal that parses first protects from
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
  new HubError('rate-limited', 'this connection exceeds its inbound rate limit and is closed', { retryAfterMs: 5000 });
const binary = (): HubError => new HubError('invalid-request', 'message: binary messages are not supported; send text');

const oddAck = (): HubError =>
  new HubError('invalid-request', 'message: the acknowledgement number must have at most 15 digits');

/** An event whose acknowledgement has a number that JavaScript does not hold: the answer would carry another. */
const oddAckText = /^2(?:\/[^,]{0,200},)?\d{16}/u;

/** Why a message is not parsed. */
function refusalOf({ type, data }: EnginePacket): HubError | undefined {
  if (type !== 'message') return undefined;
  if (isBinary(data)) return binary();
  return oddAckText.test(String(data)) ? oddAck() : undefined;
}

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
  // whole numbers, which take no room of their own
  #bytes: number;
  #atMs: number;
  #charge: ((bytes: number) => boolean) | undefined;
  #isRefused = false;

  constructor(address: string, limit: InboundLimit) {
    this.address = address;
    this.session = undefined;
    this.#limit = limit;
    this.#bytes = limit.burstBytes;
    this.#atMs = Math.floor(limit.stopwatch.elapsedMs());
  }

  /** From now on `take` is charged too: the budget of the principal, once that is known. */
  charge(take: (bytes: number) => boolean): void {
    this.#charge = take;
  }

  /** Charges a frame; why it may not be looked at, the first time, and `ignored` from then on. */
  take(packet: EnginePacket): HubError | 'ignored' | undefined {
    if (this.#isRefused) return 'ignored';
    const { data } = packet;
    const bytes = bytesPerMessage + (typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0);
    const isTooMuch = !this.#has(bytes) || this.#charge?.(bytes) === false;
    const refusal = isTooMuch ? flooding() : refusalOf(packet);
    this.#isRefused = refusal !== undefined;
    return refusal;
  }

  #has(bytes: number): boolean {
    const { bytesPerSecond, burstBytes, stopwatch } = this.#limit;
    const nowMs = Math.floor(stopwatch.elapsedMs());
    const refill = Math.floor(((nowMs - this.#atMs) * bytesPerSecond) / 1000);
    this.#bytes = Math.min(burstBytes, this.#bytes + refill) - bytes;
    this.#atMs = nowMs;
    return this.#bytes >= 0;
  }
}

/** The parts of engine.io that are needed here. */
export interface EngineSocket {
  readonly request: IncomingMessage;
  readonly transport: EngineTransport;
  on(event: 'close', listener: (this: EngineSocket) => void): void;
  write(data: string): void;
  close(): void;
  [peerOfSocket]?: Peer;
  [handlersOfSocket]?: InboundHandlers;
}

interface EngineTransport {
  onPacket: (this: EngineTransport, packet: EnginePacket) => void;
  [guarded]?: EngineSocket;
}

/** What a server does about its connections. */
export interface InboundHandlers {
  /** Ends a connection of which nothing is checked any more. */
  readonly onRefused: (socket: EngineSocket, peer: Peer, error: HubError) => void;
  /** Hears once of each that has ended. */
  readonly onGone: (peer: Peer) => void;
}

/** Kept at the sockets themselves, like the one function for all of them: a map and a closure for each take more than this. */
const peerOfSocket = Symbol('peer');
const handlersOfSocket = Symbol('handlers');
const guarded = Symbol('guarded socket');
const guardedClasses = new WeakSet<object>();

function closed(this: EngineSocket): void {
  const peer = this[peerOfSocket];
  if (peer !== undefined) this[handlersOfSocket]?.onGone(peer);
}

function guardClass(transport: EngineTransport): void {
  const prototype = Object.getPrototypeOf(transport) as EngineTransport;
  if (guardedClasses.has(prototype)) return;
  guardedClasses.add(prototype);
  const pass = prototype.onPacket;
  prototype.onPacket = function onPacket(this: EngineTransport, packet) {
    const socket = this[guarded];
    const peer = socket?.[peerOfSocket];
    const refusal = peer?.take(packet);
    if (refusal === undefined) pass.call(this, packet);
    else if (refusal !== 'ignored' && socket !== undefined && peer !== undefined)
      socket[handlersOfSocket]?.onRefused(socket, peer, refusal);
  };
}

/** The peer of a connection that is guarded. */
export function peerOf(socket: object): Peer | undefined {
  return (socket as EngineSocket)[peerOfSocket];
}

/** Puts the budget in front of a new connection. */
export function guardInbound(socket: EngineSocket, peer: Peer, handlers: InboundHandlers): void {
  guardClass(socket.transport);
  socket[peerOfSocket] = peer;
  socket[handlersOfSocket] = handlers;
  socket.transport[guarded] = socket;
  socket.on('close', closed);
}
