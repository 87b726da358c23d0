import { messageOf, ReplayPacket, type Packet, SnapshotPacket } from '../transport/packet.ts';
import type { HttpStream } from '../transport/http.ts';
import type { Connection } from '../transport/transport.ts';
import { type StreamFormat, textOf } from './stream-format.ts';
import { positionText } from './stream-position.ts';
import type { StreamMember, StreamMembers } from './stream-members.ts';

export interface HttpConnectionOptions {
  readonly id: string;
  readonly address: string;
  readonly stream: HttpStream;
  readonly format: StreamFormat;
  /** Ids of its subscriptions, in the order of the handles of its position. */
  readonly subscriptions: readonly string[];
  /** False: it ends when everything of the past has been sent. */
  readonly follows: boolean;
  /** Gets its position once a second, and not only with the beat of all connections. */
  readonly oftenPlaced: boolean;
  readonly members: StreamMembers;
  /** Everything before it has been published; exact at a boundary. */
  readonly cursor: () => string;
  /** Unread bytes at which it is closed. */
  readonly maxBufferedBytes: number;
  readonly onSlowConsumer: (id: string) => void;
}

interface StreamSubscription {
  readonly room: string;
  readonly handle: string;
  readonly isLive: boolean;
}

/** For clients that come back by themselves: when an error will be the same again, and when only this node is the matter. */
const [finalRetryMs, moveRetryMs] = [30_000, 100];
/** How long a client may take for the last bytes: of a stream that it can resume, and of a download. */
const [closeGraceMs, lastPartGraceMs] = [1000, 30_000];

/**
 * A stream over HTTP as a connection of a session: the same messages in the same order, in the words of its format. It
 * says where it stands only when that is one place for all its subscriptions.
 */
export class HttpConnection implements Connection, StreamMember {
  readonly id: string;
  readonly address: string;
  readonly format: StreamFormat;
  readonly oftenPlaced: boolean;
  readonly #options: HttpConnectionOptions;
  readonly #held = new Map<string, StreamSubscription>();
  readonly #left = new Set<string>();
  #isOver = false;
  #isQuiet = false;
  readonly #rooms = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HttpConnectionOptions) {
    this.#options = options;
    this.id = options.id;
    this.address = options.address;
    this.format = options.format;
    this.oftenPlaced = options.oftenPlaced;
    options.members.add(this);
    this.onClose(() => {
      this.#isOver = true;
      clearTimeout(this.#timer);
      for (const room of this.#rooms) options.members.leave(room, this);
      options.members.remove(this);
    });
  }

  send(event: string, payload: object): void {
    switch (event) {
      // what it says is in the address and the token of the request
      case 'welcome':
        return;
      case 'cursor':
        return this.place(textOf(payload, 'cursor'));
      case 'subscribed':
        return this.#subscribed(payload);
      case 'policy':
        return this.#policy(payload);
      case 'live':
        return this.#live(payload);
      case 'ended':
        return this.#ended(payload);
      case 'notice':
        return this.#notice(payload);
      case 'goaway':
        return this.#goaway(payload);
      default:
        return this.#message(event, payload);
    }
  }

  sendPacket(packet: Packet): void {
    if (packet instanceof ReplayPacket) return this.#replay(packet);
    if (packet instanceof SnapshotPacket)
      return this.write(this.format.snapshot(this.#held.get(packet.id)?.room ?? '', packet));
    const [event, payload] = messageOf(packet.text);
    this.send(event, payload);
  }

  /** Ready-made for all members of its format. */
  write(text: string | Uint8Array): void {
    if (this.#isOver || text.length === 0) return;
    this.#isQuiet = false;
    const { stream, maxBufferedBytes, onSlowConsumer } = this.#options;
    stream.write(text);
    if (stream.pendingBytes <= maxBufferedBytes) return;
    onSlowConsumer(this.id);
    this.terminate();
  }

  /** Keeps what is between from closing a connection that has been quiet since the last call. */
  beat(): void {
    if (this.#isQuiet) this.write(this.format.heartbeat);
    this.#isQuiet = true;
  }

  /** Everything before the cursor has been sent to its live subscriptions. */
  place(cursor: string): void {
    if (cursor === '' || !this.#isLive) return;
    const handles = this.#options.subscriptions.map((id) => this.#held.get(id)?.handle ?? '');
    this.write(this.format.position(positionText({ cursor, handles })));
  }

  join(room: string): void {
    this.#rooms.add(room);
    this.#options.members.join(room, this);
  }

  leave(room: string): void {
    this.#rooms.delete(room);
    this.#options.members.leave(room, this);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { stream, follows } = this.#options;
    this.#later(follows ? closeGraceMs : lastPartGraceMs, () => stream.abort());
    stream.end();
  }

  terminate(): void {
    this.#isOver = true;
    this.#options.stream.abort();
  }

  bufferedBytes(): number {
    return this.#options.stream.pendingBytes;
  }

  /** Its client says everything in its request. */
  onMessage(): void {}

  charge(): void {}

  onClose(listener: (reason: string) => void): void {
    this.#options.stream.onClose(() => listener('stream closed'));
  }

  get #isOnly(): boolean {
    return this.#options.subscriptions.length === 1;
  }

  get #isLive(): boolean {
    return this.#options.subscriptions.every((id) => this.#left.has(id) || this.#held.get(id)?.isLive === true);
  }

  /** Without what the position says. */
  #message(event: string, payload: object): void {
    const { handle: _handle, cursor: _cursor, room, ...rest } = Object.fromEntries(Object.entries(payload));
    this.write(this.format.message(event, this.#isOnly || room === undefined ? rest : { room, ...rest }));
  }

  #subscribed(payload: object): void {
    const held = { room: textOf(payload, 'room'), handle: textOf(payload, 'handle'), isLive: false };
    this.#held.set(textOf(payload, 'id'), held);
    this.#message('subscribed', payload);
  }

  /** Its client comes back with a position under other rights, and is told what that means. */
  #policy(payload: object): void {
    this.#message('policy', payload);
    this.#endFor(moveRetryMs);
  }

  #live(payload: object): void {
    const id = textOf(payload, 'id');
    const held = this.#held.get(id);
    if (held !== undefined) this.#held.set(id, { ...held, isLive: true });
    const { follows, cursor } = this.#options;
    if (follows) this.#message('live', payload);
    // a subscription goes live between two ticks
    if (this.#isLive) this.place(cursor());
    if (!follows) this.end();
  }

  #replay({ id, content }: ReplayPacket): void {
    const held = this.#held.get(id);
    this.write(this.format.events(held?.room ?? '', content.events));
    if (!this.#isOnly || held === undefined) return;
    this.write(this.format.position(positionText({ cursor: content.cursor, handles: [held.handle] })));
  }

  /** Of one that may be there again the place must not be lost: the stream ends, and its client resumes. */
  #ended(payload: object): void {
    const id = textOf(payload, 'id');
    this.#held.delete(id);
    this.#left.add(id);
    this.#message('ended', payload);
    const error: unknown = Reflect.get(payload, 'error');
    const retryAfterMs = retryOf(error);
    if (retryAfterMs === undefined && this.#left.size < this.#options.subscriptions.length) return;
    this.#endFor(retryAfterMs ?? finalRetryMs);
  }

  #notice(payload: object): void {
    const retryAfterMs: unknown = Reflect.get(payload, 'retryAfterMs');
    if (typeof retryAfterMs === 'number') this.write(this.format.retry(retryAfterMs));
    this.#message('notice', payload);
  }

  /** Its client cannot open a second stream beside it as the client library does: it comes back when its time has come. */
  #goaway(payload: object): void {
    this.#message('goaway', payload);
    const inMs: unknown = Reflect.get(payload, 'reconnectInMs');
    this.#later(typeof inMs === 'number' ? inMs : 0, () => this.#endFor(moveRetryMs));
  }

  #endFor(retryAfterMs: number): void {
    this.write(this.format.retry(retryAfterMs));
    this.end();
  }

  /** One thing waits at a time: what comes later is nearer to the end. */
  #later(ms: number, work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, ms).unref();
  }
}

/** When to try again; undefined for what will be refused again. */
function retryOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || Reflect.get(error, 'retryable') !== true) return undefined;
  const retryAfterMs: unknown = Reflect.get(error, 'retryAfterMs');
  return typeof retryAfterMs === 'number' ? retryAfterMs : 1000;
}
