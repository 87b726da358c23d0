import { LRUCache } from 'lru-cache';
import type { Cursor } from '../../channels/position/cursor.ts';
import type { Ring } from '../../channels/position/ring.ts';
import type { Refusal, Resume } from './decide-resume.ts';

interface Prepared {
  readonly resume: Resume;
  /** Whose content it shows. */
  readonly entities: ReadonlySet<string>;
  /** Up to where the log has been looked through for what hides one of them. */
  checkedTo: readonly number[];
}

/** What is ready, and whose content it shows. */
export interface Made {
  readonly ok: true;
  readonly resume: Resume;
  readonly entities: ReadonlySet<string>;
}

export interface PreparedReplaysOptions {
  readonly ring: () => Ring;
  readonly position: () => Cursor;
}

const maxPrepared = 500;
/** When many come back they come within seconds; later the rest to be sent one by one would grow. */
const ttlMs = 2000;

/**
 * Replays that are ready to be sent. After a node has died all of its clients hold one of two or three cursors: what
 * the first of a room gets, the others get as it is, and only what has happened since is put together for each.
 */
export class PreparedReplays {
  readonly #options: PreparedReplaysOptions;
  readonly #making = new Map<string, Promise<Made | Refusal>>();
  readonly #held = new LRUCache<string, Prepared>({ max: maxPrepared, ttl: ttlMs });

  constructor(options: PreparedReplaysOptions) {
    this.#options = options;
  }

  /**
   * One that may be sent now, or what `make` gives; those who ask for the same meanwhile wait for it. `isHidden` judges
   * the newest event of an entity.
   */
  async once(
    key: { readonly room: string; readonly from: Cursor },
    isHidden: (newestText: string) => boolean,
    make: () => Promise<Made | Refusal>,
  ): Promise<Resume | Refusal> {
    const name = keyOf(key.room, key.from);
    const running = this.#making.get(name);
    if (running !== undefined) {
      const made = await running;
      if (!made.ok) return made;
    }
    const held = this.#held.get(name);
    if (held !== undefined && this.#isVisible(held, isHidden)) return held.resume;
    return this.#make(name, make);
  }

  clear(): void {
    this.#held.clear();
  }

  async #make(name: string, make: () => Promise<Made | Refusal>): Promise<Resume | Refusal> {
    const making = make();
    this.#making.set(name, making);
    try {
      const made = await making;
      if (!made.ok) return made;
      const { resume, entities } = made;
      this.#held.set(name, { resume, entities, checkedTo: resume.to.vector });
      return resume;
    } finally {
      if (this.#making.get(name) === making) this.#making.delete(name);
    }
  }

  /** Each event since is looked at once, however many clients ask. */
  #isVisible(held: Prepared, isHidden: (newestText: string) => boolean): boolean {
    const { epoch, vector } = this.#options.position();
    if (epoch !== held.resume.to.epoch) return false;
    const ring = this.#options.ring();
    // what nobody has looked at and the ring has dropped may have hidden something
    const isUnseen = (to: number, partition: number): boolean =>
      (held.checkedTo[partition] ?? to) < Math.min(to, ring.floors[partition] ?? 0);
    if (vector.some(isUnseen)) return false;
    const hides = vector.some((to, partition) =>
      ring
        .between(partition, held.checkedTo[partition] ?? to, to)
        .some(({ entity, text }) => held.entities.has(entity) && isHidden(text)),
    );
    held.checkedTo = vector;
    return !hides;
  }
}

function keyOf(room: string, { epoch, vector }: Cursor): string {
  return `${room}|${epoch}|${vector.join('.')}`;
}
