import { type Cursor, recordHash } from '../../../channels/position/cursor.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { Room } from '../outlet/room.ts';
import { type Packet, ReplayContent, ReplayPacket } from '../../transport/packet.ts';
import { inTurns } from '../../turns/in-turns.ts';
import { type ReplayEntry, withoutHidden } from './replay-entry.ts';
import type { Sight } from './sight.ts';
import { charactersOf, textSlices } from './text-slices.ts';

const nothingHidden: ReadonlySet<string> = new Set();

/** One `replay` message but for the subscription's id: clients of one room that stand at the same place share it. */
export class ReplayPiece {
  readonly #room: Room;
  readonly #entries: readonly ReplayEntry[];
  readonly #cursor: string;
  /** Up to which version of each entity what may be seen was decided when the piece was made. */
  readonly #judged: ReadonlyMap<string, number>;
  #content: ReplayContent | undefined;
  #packet: ReplayPacket | undefined;
  #isShared = false;
  #look: { readonly revision: number; readonly hidden: ReadonlySet<string> } = { revision: -1, hidden: nothingHidden };

  constructor(room: Room, entries: readonly ReplayEntry[], cursor: string, newestVersion: NewestVersion) {
    this.#room = room;
    this.#entries = entries;
    this.#cursor = cursor;
    this.#judged = new Map(
      entries.map(({ entity, version }) => [entity, Math.max(version, newestVersion(entity) ?? 0)] as const),
    );
  }

  /**
   * What of it may be shown now: of what has been hidden since only that it left. Where it has not left in here, the event
   * that hid it is behind in the log and will say so.
   */
  visible(sight: Sight): readonly ReplayEntry[] {
    const { revision } = sight;
    if (revision !== this.#look.revision) this.#look = { revision, hidden: this.#hiddenNow(sight) };
    const { hidden } = this.#look;
    return hidden.size === 0 ? this.#entries : withoutHidden(this.#entries, (entity) => hidden.has(entity));
  }

  /** The message for one subscription, of what may be shown now. */
  packet(id: string, sight: Sight): Packet {
    const visible = this.visible(sight);
    return visible === this.#entries ? this.#packetForAll(id) : new ReplayPacket(id, this.#contentOf(visible));
  }

  /**
   * Kept from the second client on: most replays are for one, and would take their memory twice. Clients of one kind name a
   * subscription alike, so the last packet is nearly always the next one's, too.
   */
  #packetForAll(id: string): Packet {
    if (this.#packet?.id === id) return this.#packet;
    const packet = new ReplayPacket(id, this.#content ?? this.#contentOf(this.#entries));
    if (this.#isShared) [this.#content, this.#packet] = [packet.content, packet];
    this.#isShared = true;
    return packet;
  }

  #contentOf(entries: readonly ReplayEntry[]): ReplayContent {
    return new ReplayContent(
      entries.map(({ text }) => text),
      this.#cursor,
    );
  }

  #hiddenNow(sight: Sight): ReadonlySet<string> {
    const hidden = [...this.#judged].filter(([entity, version]) => sight.hidesSince(this.#room, entity, version));
    return hidden.length === 0 ? nothingHidden : new Set(hidden.map(([entity]) => entity));
  }
}

/** Of the newest event of an entity that is known. */
export type NewestVersion = (entity: string) => number | undefined;

const pieceBytes = 64 * 1024;

/** What a room has missed, ready to be sent. */
export interface Replay {
  readonly from: Cursor;
  readonly to: Cursor;
  /** Everything of `from` to `to` that the room may see, in order. */
  readonly pieces: readonly ReplayPiece[];
  readonly events: number;
  /** Of its texts; one that many get takes twice as much again for the bytes of its messages. */
  readonly bytes: number;
}

export interface ReplayStretch {
  readonly room: Room;
  readonly from: Cursor;
  readonly to: Cursor;
  readonly seal: (cursor: Cursor) => string;
  readonly newestVersion: NewestVersion;
  readonly turns: Turns;
}

/**
 * What was missed, in pieces. Each says where the client stands after it, so that a connection that breaks in the
 * middle costs only what was in progress.
 */
export async function replayOf(
  entries: readonly ReplayEntry[],
  { room, from, to, seal, newestVersion, turns }: ReplayStretch,
): Promise<Replay> {
  const vector = [...from.vector];
  const marks = [...from.marks];
  let left = entries.length;
  const pieces: ReplayPiece[] = [];
  const { tenant } = room.policyClass;
  await inTurns({ turns, tenant }, textSlices(entries, { maxCharacters: pieceBytes }), (slice) => {
    const last = new Map(slice.map((entry) => [entry.partition, entry]));
    for (const { partition, offset, entity, version } of last.values()) {
      vector[partition] = offset + 1;
      marks[partition] = { offset, hash: recordHash(entity, version) };
    }
    left -= slice.length;
    const cursor = seal(left === 0 ? to : { epoch: from.epoch, vector, marks });
    pieces.push(new ReplayPiece(room, slice, cursor, newestVersion));
  });
  return { from, to, pieces, events: entries.length, bytes: charactersOf(entries) };
}
