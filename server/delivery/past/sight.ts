import type { RingEntry } from '../../../channels/position/ring.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Gateway } from '../tick/gateway.ts';
import type { Room } from '../outlet/room.ts';
import { isHiddenNow } from './hidden.ts';
import type { RingIndex } from './ring-index.ts';

/**
 * What may be shown is decided when it is handed over, not when it was put together: between the two lies as long as a
 * client takes to read. The newest event of an entity that the node knows is what counts.
 */
export class Sight {
  readonly #gateway: Pick<Gateway, 'ring' | 'position' | 'revision'>;
  readonly #index: Pick<RingIndex, 'newest'>;

  constructor(gateway: Pick<Gateway, 'ring' | 'position' | 'revision'>, index: Pick<RingIndex, 'newest'>) {
    this.#gateway = gateway;
    this.#index = index;
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

  /** The newest event of an entity. The index remembers what the ring has dropped since, and the ring has what is not indexed yet. */
  newest(entity: string): RingEntry | undefined {
    const [indexed, held] = [this.#index.newest(entity), this.#gateway.ring.newest(entity)];
    return (indexed?.version ?? 0) > (held?.version ?? 0) ? indexed : held;
  }

  /** Has a later event than `version` taken the entity out of the room's sight? */
  hidesSince(room: Room, entity: string, version: number): boolean {
    const newest = this.#gateway.ring.newest(entity);
    return newest !== undefined && newest.version > version && isHiddenNow(room, newest.text);
  }
}
