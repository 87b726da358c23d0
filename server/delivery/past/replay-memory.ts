/**
 * The memory that the past may take on a node: what is kept ready for those who come next, and what is being sent. Both
 * are counted in bytes and given back: by what continues using it, or by time.
 */
import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../../channels/ports/clock.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { KeyedCounts } from '../../limits/keyed-counts.ts';
import { every, type Loop } from '../../turns/every.ts';
import type { RoomHistory } from './room-history.ts';
import type { Replay } from './replay.ts';

/** Each is asked for within seconds of the others; later what has to be sent one by one would grow. */
const [historyTtlMs, preparedTtlMs] = [10_000, 2000];
const purgeEveryMs = 5000;
/** An entry without content takes room too. */
const leastBytes = 1024;
const maxEntries = 20_000;
const retryAfterMs = 1000;
/** Share of one owner of what is being sent: the rest is for others. */
const ownerShare = 1 / 4;

interface MemoryEntry {
  readonly history?: RoomHistory;
  readonly replay?: Replay;
}

interface Sending {
  readonly owner: string;
  members: number;
}

export class ReplayMemory {
  readonly #kept: LRUCache<string, MemoryEntry>;
  readonly #maxSentBytes: number;
  readonly #sending = new Map<Replay, Sending>();
  readonly #ofOwner = new KeyedCounts();
  #sentBytes = 0;
  readonly #purge: Loop;

  /** Half of `maxBytes` for what is kept ready, half for what is being sent. */
  constructor(maxBytes: number, stopwatch: Stopwatch) {
    this.#maxSentBytes = maxBytes / 2;
    this.#kept = new LRUCache({
      max: maxEntries,
      maxSize: Math.max(1, Math.floor(maxBytes / 2)),
      perf: { now: () => stopwatch.elapsedMs() },
      ttlResolution: 0,
    });
    // expired ones would wait for somebody to ask for them
    this.#purge = every(purgeEveryMs, () => this.#kept.purgeStale());
  }

  /** The largest replay that there can be. */
  get maxReplayBytes(): number {
    return this.#maxSentBytes * ownerShare;
  }

  /** Bytes kept ready, and bytes being sent. */
  get bytes(): { readonly kept: number; readonly sent: number } {
    return { kept: this.#kept.calculatedSize, sent: this.#sentBytes };
  }

  history(room: string): RoomHistory | undefined {
    return this.#kept.get(`history|${room}`, { updateAgeOnGet: true })?.history;
  }

  /** Again after each use: it grows. */
  keepHistory(room: string, history: RoomHistory): void {
    this.#kept.set(`history|${room}`, { history }, { ttl: historyTtlMs, size: leastBytes + history.bytes });
  }

  replay(name: string): Replay | undefined {
    return this.#kept.get(`replay|${name}`)?.replay;
  }

  keepReplay(name: string, replay: Replay): void {
    this.#kept.set(`replay|${name}`, { replay }, { ttl: preparedTtlMs, size: leastBytes + replay.bytes });
  }

  /**
   * Counts a replay as long as it is sent; many may send the same one. Returns what ends that.
   * @throws HubError rate-limited when there is no room
   */
  hold(owner: string, replay: Replay): () => void {
    const held = this.#sending.get(replay) ?? this.#begin(owner, replay);
    held.members += 1;
    let isHeld = true;
    return () => {
      if (isHeld && --held.members === 0) this.#end(held.owner, replay);
      isHeld = false;
    };
  }

  clear(): void {
    this.#kept.clear();
  }

  stop(): void {
    void this.#purge.stop();
    this.clear();
  }

  #begin(owner: string, replay: Replay): Sending {
    const ofOwner = this.#ofOwner.get(owner);
    const isTooMuch = ofOwner > 0 && ofOwner + replay.bytes > this.#maxSentBytes * ownerShare;
    if (isTooMuch || (this.#sentBytes > 0 && this.#sentBytes + replay.bytes > this.#maxSentBytes))
      throw new HubError('rate-limited', 'the memory for replays is in use; retry after retryAfterMs', {
        retryAfterMs,
      });
    this.#sentBytes += replay.bytes;
    this.#ofOwner.add(owner, replay.bytes);
    const sending = { owner, members: 0 };
    this.#sending.set(replay, sending);
    return sending;
  }

  #end(owner: string, replay: Replay): void {
    this.#sending.delete(replay);
    this.#sentBytes -= replay.bytes;
    this.#ofOwner.add(owner, -replay.bytes);
  }
}
