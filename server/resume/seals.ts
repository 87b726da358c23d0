import { createHash } from 'node:crypto';
import { type Cursor, decodeCursor, encodeCursor } from '../../channels/position/cursor.ts';
import type { Room } from '../gateway/room-registry.ts';
import type { Sealer } from '../security/sealer.ts';

/** The sealed texts that clients hold: cursors say how far they were served, handles what they were entitled to. */
export interface Seals {
  cursor(cursor: Cursor): string;
  openCursor(text: string): Cursor | undefined;
  /** The same for all members of a room. */
  handle(room: Room): string;
  /** `same`: the handle stands for this very room. `other`: for another selection, class or policy. `closed`: it cannot be opened. */
  compare(handle: string, room: Room): 'same' | 'other' | 'closed';
}

const identityBytes = 16;

export function createSeals(sealer: Sealer, policyVersion: number): Seals {
  const identity = ({ selection, policyClass: { tenant, id } }: Room): Buffer =>
    createHash('sha256')
      .update([tenant, id, policyVersion, selection.key].join('\n'))
      .digest()
      .subarray(0, identityBytes);
  return {
    cursor: (cursor) => sealer.seal('cursor', encodeCursor(cursor)),
    openCursor: (text) => {
      const bytes = sealer.open('cursor', text);
      return bytes === undefined ? undefined : decodeCursor(bytes);
    },
    handle: (room) => (room.handle ??= sealer.seal('handle', identity(room))),
    compare: (handle, room) => {
      const bytes = sealer.open('handle', handle);
      if (bytes === undefined) return 'closed';
      return identity(room).equals(bytes) ? 'same' : 'other';
    },
  };
}
