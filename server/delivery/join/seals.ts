import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Cursor, decodeCursor, encodeCursor } from '../../../channels/position/cursor.ts';
import type { Room } from '../outlet/room.ts';
import type { SealedKind, Sealer } from '../../sealing/sealer.ts';

/** The sealed texts that clients hold: cursors say how far they were served, handles what they were entitled to. */
export interface Seals {
  cursor(cursor: Cursor): string;
  openCursor(text: string): Cursor | undefined;
  /** The same for all members of a room. */
  handle(room: Room): string;
  /** For a feed of any form that continues a download of what it selects. */
  downloadHandle(room: Pick<Room, 'selection' | 'policyClass'>): string;
  /** `same`: the handle stands for this very room. `other`: for another selection or class. `closed`: it cannot be opened. */
  compare(handle: string, room: Room): 'same' | 'other' | 'closed';
}

const identityBytes = 16;
/**
 * A sealed text is as long as what is in it, and offsets grow with what others do. So each partition has room for 2^35
 * records, their mark and how far back it lies; beyond that the text grows by blocks.
 */
const [headBytes, partitionBytes, blockBytes] = [4, 12, 64];
/** After a node is lost its clients come all at once, and hold the same few texts. */
const maxOpened = 1000;

/** Bytes of a cursor, as many for every cursor of a log. Its reader stops before the padding. */
function padded(cursor: Cursor): Uint8Array {
  const bytes = encodeCursor(cursor);
  const room = headBytes + cursor.epoch.length + partitionBytes * cursor.vector.length;
  const length = bytes.length <= room ? room : room + Math.ceil((bytes.length - room) / blockBytes) * blockBytes;
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

export function createSeals(sealer: Sealer): Seals {
  const opened = new LRUCache<string, Uint8Array>({ max: maxOpened });
  const open = (kind: SealedKind, text: string): Uint8Array | undefined => {
    const key = `${kind}|${text}`;
    const bytes = opened.get(key) ?? sealer.open(kind, text);
    if (bytes !== undefined) opened.set(key, bytes);
    return bytes;
  };
  const downloadIdentity = ({
    selection,
    policyClass: { tenant, id },
  }: Pick<Room, 'selection' | 'policyClass'>): Buffer =>
    createHash('sha256')
      .update(['download', tenant, id, selection.conditionKey].join('\n'))
      .digest()
      .subarray(0, identityBytes);
  const identity = ({ selection, policyClass: { tenant, id } }: Room): Buffer =>
    createHash('sha256').update([tenant, id, selection.key].join('\n')).digest().subarray(0, identityBytes);
  return {
    cursor: (cursor) => sealer.seal('cursor', padded(cursor)),
    openCursor: (text) => {
      const bytes = open('cursor', text);
      return bytes === undefined ? undefined : decodeCursor(bytes);
    },
    handle: (room) => (room.handle ??= sealer.seal('handle', identity(room))),
    downloadHandle: (room) => sealer.seal('handle', downloadIdentity(room)),
    compare: (handle, room) => {
      const bytes = open('handle', handle);
      if (bytes === undefined) return 'closed';
      if (identity(room).equals(bytes)) return 'same';
      const isFeed = room.selection.form.mode === 'events';
      return isFeed && downloadIdentity(room).equals(bytes) ? 'same' : 'other';
    },
  };
}
