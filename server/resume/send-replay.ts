import { type Cursor, recordHash } from '../../channels/position/cursor.ts';
import type { Subscriber } from './catch-up.ts';
import { Packet } from '../transport/transport.ts';
import { untilDrained } from './drained.ts';
import type { ReplayEntry } from './replay-entry.ts';

/** Client libraries number their subscriptions: there are few different ids, but a stranger may choose any. */
const maxPackets = 8;

/** One `replay` message but for the subscription's id: clients of one room that stand at the same place share it. */
export class ReplayPiece {
  readonly #rest: string;
  readonly #packets = new Map<string, Packet>();

  constructor(texts: readonly string[], cursor: string) {
    this.#rest = `"events":[${texts.join(',')}],"cursor":"${cursor}"}]`;
  }

  packet(id: string): Packet {
    const held = this.#packets.get(id);
    if (held !== undefined) return held;
    const packet = new Packet(`2["replay",{"id":"${id}",${this.#rest}`);
    if (this.#packets.size < maxPackets) this.#packets.set(id, packet);
    return packet;
  }
}

const pieceBytes = 64 * 1024;

export function bytesOf(entries: readonly ReplayEntry[]): number {
  return entries.reduce((sum, { text }) => sum + text.length, 0);
}

function* slicesOf(entries: readonly ReplayEntry[]): Generator<readonly ReplayEntry[]> {
  let start = 0;
  let size = 0;
  for (let index = 0; index < entries.length; index++) {
    const length = entries[index]?.text.length ?? 0;
    if (index > start && size + length > pieceBytes) {
      yield entries.slice(start, index);
      [start, size] = [index, 0];
    }
    size += length;
  }
  if (start < entries.length) yield entries.slice(start);
}

/**
 * What was missed, in pieces. Each says where the client stands after it, so that a connection that breaks in the
 * middle costs only what was under way.
 */
export function piecesOf(
  entries: readonly ReplayEntry[],
  { from, to, seal }: { readonly from: Cursor; readonly to: Cursor; readonly seal: (cursor: Cursor) => string },
): readonly ReplayPiece[] {
  const vector = [...from.vector];
  const marks = [...from.marks];
  let left = entries.length;
  return [...slicesOf(entries)].map((slice) => {
    for (const { partition, offset, entity, version } of slice) {
      vector[partition] = offset + 1;
      marks[partition] = { offset, hash: recordHash(entity, version) };
    }
    left -= slice.length;
    const cursor = seal(left === 0 ? to : { epoch: from.epoch, vector, marks });
    return new ReplayPiece(
      slice.map(({ text }) => text),
      cursor,
    );
  });
}

/** Sends pieces no faster than the client takes them. */
export async function sendPieces(
  subscriber: Pick<Subscriber, 'id' | 'connection' | 'isCurrent' | 'pending'>,
  pieces: readonly ReplayPiece[],
): Promise<void> {
  for (const piece of pieces) {
    await untilDrained(subscriber);
    if (!subscriber.isCurrent()) return;
    subscriber.connection.sendPacket(piece.packet(subscriber.id));
  }
}
