import type { Ring, RingEntry } from '../../channels/position/ring.ts';
import type { Cursor } from '../../channels/position/cursor.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Room } from '../gateway/room-registry.ts';
import { isHiddenNow } from './hidden.ts';

/**
 * What may be shown is decided when it is handed over, not when it was put together: between the two lies as long as a
 * client takes to read. The newest event of an entity that the node knows is what counts.
 */
export class Sight {
  readonly #gateway: Pick<Gateway, 'ring' | 'position' | 'revision'>;

  constructor(gateway: Pick<Gateway, 'ring' | 'position' | 'revision'>) {
    this.#gateway = gateway;
  }

  /** Another number whenever something may look different. */
  get revision(): number {
    return this.#gateway.revision;
  }

  /**
   * True while everything that has happened since is in the ring. Otherwise nobody can say what was hidden, and what was put
   * together at `cursor` must not be shown any more.
   */
  reachesBackTo({ epoch, vector }: Cursor): boolean {
    const { ring, position } = this.#gateway;
    const { floors } = ring;
    return epoch === position.epoch && vector.every((next, partition) => next >= (floors[partition] ?? 0));
  }

  /** The newest event of an entity, if the ring has it. */
  newest(entity: string): RingEntry | undefined {
    const ring: Ring = this.#gateway.ring;
    return ring.newest(entity);
  }

  /** Has a later event than `version` taken the entity out of the room's sight? */
  hidesSince(room: Room, entity: string, version: number): boolean {
    const newest = this.newest(entity);
    return newest !== undefined && newest.version > version && isHiddenNow(room, newest.text);
  }
}
