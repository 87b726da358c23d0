import { LRUCache } from 'lru-cache';
import {
  type ControlProblem,
  type ControlRecord,
  isUnread,
  parseControlRecord,
  parseControlText,
  type UnreadControl,
} from '../../channels/control/control-record.ts';
import type { Logger } from '../observability/logger.ts';

export interface ControlReaderOptions {
  readonly logger: Logger;
  /** A record is skipped. `kind`: one that this node knows, or `other`. */
  readonly onUnread: (problem: ControlProblem, kind: string) => void;
}

/** Where a record was found. */
export type ControlPlace = 'bus' | 'topic' | 'store';

/** Senders choose the names of kinds; what is remembered of them is bounded. */
const maxRemembered = 100;
const maxStored = 10_000;

/**
 * Reads control records. One that this node cannot read is skipped, so that it reads the next ones; it is counted,
 * and logged once for each kind: as an error if it changes rights that this node then does not change.
 */
export class ControlReader {
  readonly #options: ControlReaderOptions;
  readonly #told = new Set<string>();
  /** Stored records that are skipped, and how many there are of each. */
  readonly #stored = new LRUCache<string, number>({ max: maxStored });

  constructor(options: ControlReaderOptions) {
    this.#options = options;
  }

  /** Undefined for what is skipped. Never throws. */
  read(value: unknown, from: Exclude<ControlPlace, 'store'>): ControlRecord | undefined {
    return this.#kept(parseControlRecord(value), from);
  }

  /** The same for a record as text. */
  readText(text: string, from: Exclude<ControlPlace, 'store'>): ControlRecord | undefined {
    return this.#kept(parseControlText(text), from);
  }

  /**
   * Those of stored records that can be read. The store gives the same ones with each look at it, so each of the others
   * is counted once: what is damaged has no name, and is told apart by its content and how often that is there.
   */
  readStored(values: readonly unknown[]): readonly ControlRecord[] {
    const times = new Map<string, number>();
    return values.flatMap((value) => {
      const reading = parseControlRecord(value);
      if (!isUnread(reading)) return [reading];
      const text = JSON.stringify(value);
      const count = (times.get(text) ?? 0) + 1;
      times.set(text, count);
      if (count > (this.#stored.get(text) ?? 0)) {
        this.#stored.set(text, count);
        this.#kept(reading, 'store');
      }
      return [];
    });
  }

  #kept(reading: ControlRecord | UnreadControl, from: ControlPlace): ControlRecord | undefined {
    if (!isUnread(reading)) return reading;
    this.#options.onUnread(reading.problem, reading.known ?? 'other');
    this.#say(reading, from);
    return undefined;
  }

  #say({ problem, kind, v, known, concernsSecurity }: UnreadControl, from: ControlPlace): void {
    const key = `${problem}|${kind ?? ''}`;
    // of the kinds that this node knows there are few, and they are not to be crowded out by the others
    if (this.#told.has(key) || (known === undefined && this.#told.size >= maxRemembered)) return;
    this.#told.add(key);
    const facts = { problem, from, ...(kind === undefined ? {} : { kind }), ...(v === undefined ? {} : { v }) };
    if (problem === 'newer-version' && concernsSecurity)
      this.#options.logger.error(
        facts,
        'a newer release changed rights in a version that this node cannot read and does not apply: update this node now',
      );
    else this.#options.logger.warn(facts, 'unreadable control record skipped');
  }
}
