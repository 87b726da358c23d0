import { LRUCache } from 'lru-cache';
import type { DamagedRecord } from '../../channels/ports/damaged-record.ts';
import type { Logger } from './logger.ts';

const maxRemembered = 10_000;

/** Stored records that reads have left out: each is logged and counted once by a process, however often it is read. */
export class DamagedRecords {
  readonly #logger: Logger;
  readonly #known = new LRUCache<string, DamagedRecord['kind']>({ max: maxRemembered });
  #count: (kind: DamagedRecord['kind']) => void = () => undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly note = ({ kind, id, error }: DamagedRecord): void => {
    const key = `${kind}|${id}`;
    if (this.#known.has(key)) return;
    this.#known.set(key, kind);
    this.#logger.error({ kind, id, error }, 'a stored record is damaged and was left out; the others are read');
    this.#count(kind);
  };

  /** Those that are known already are counted at once. */
  countWith(count: (kind: DamagedRecord['kind']) => void): void {
    this.#count = count;
    for (const kind of this.#known.values()) count(kind);
  }
}
