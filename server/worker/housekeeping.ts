import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { DeadLetterStore, DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { IntakeStore, PartialMessage } from '../../channels/ports/intake-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { bareLetter, deadLetterOf, type LetterBounds, wholeLetter } from '../ingest/dead-letter.ts';
import { insist } from '../ingest/insist.ts';
import { isOfMessages } from '../ingest/taking.ts';
import { mayRemove } from '../journal/may-remove.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { every, type Loop } from '../turns/every.ts';

export interface HousekeepingOptions {
  readonly store: DocumentStore &
    IntakeStore &
    DeadLetterStore &
    Pick<CatalogStore, 'expire' | 'upgradeDocuments' | 'getMeta'>;
  /** This node has to stop. */
  readonly onNewer: (error: NewerForm) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly splitWindowMs: number;
  readonly deadLetterLimits: { readonly retentionMs: number; readonly maxCount: number; readonly maxBytes: number };
  readonly everyMs?: number;
}

const partialsAtOnce = 100;
/** Counting all dead letters takes a while where there are many. */
const roundsPerTrim = 6;
/** So does looking at all documents; it finds some only while nodes are being updated. */
const roundsPerUpgrade = 60;

/** The parts that came, as a letter that says which. */
function letterOf(partial: PartialMessage, at: string, bounds: LetterBounds): DeadLetter {
  const have = Object.keys(partial.parts).length;
  const reason = `split message ${partial.id}: only ${have} of ${partial.count} parts came in time`;
  const message = {
    value: Buffer.from(JSON.stringify(partial.parts)),
    key: null,
    headers: { 'split-message': partial.id, 'first-part-at': partial.firstAt },
    timestampMs: Date.parse(partial.firstAt),
  };
  return deadLetterOf(
    { id: partial.connector, tenant: partial.tenant },
    { message, origin: { transport: 'kafka' } },
    { error: new HubError('incomplete-message', reason), at, bounds },
  );
}

/** Jobs that remove from the store what is no longer needed. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #loop: Loop | undefined;
  #rounds = 0;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = every(this.#options.everyMs ?? 10_000, () => this.run(), { atOnce: true });
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** One round. Jobs are independent: a failed one is logged and retried, and does not affect the others. */
  async run(): Promise<void> {
    await this.#survived('what is declared', async () => {
      const { store: meta, onNewer } = this.#options;
      if (await mayRemove({ meta, onNewer })) await this.#round();
    });
  }

  async #round(): Promise<void> {
    const { store, clock, metrics } = this.#options;
    await this.#survived('parts of split messages', () => this.#setAsideIncomplete());
    await this.#survived('what has passed its time', () => store.expire(clock.now()));
    const round = this.#rounds++;
    if (round % roundsPerTrim === 0) await this.#survived('dead letters', () => this.#trimDeadLetters());
    if (round % roundsPerUpgrade === 0)
      await this.#survived('documents of the release before', () => store.upgradeDocuments());
    await this.#survived('the count of dead letters', async () =>
      metrics.deadLettersHeld.set(await store.deadLetterCount()),
    );
  }

  async #survived(job: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.warn({ error, job }, 'housekeeping failed; it will be retried');
    }
  }

  async #setAsideIncomplete(): Promise<void> {
    const { store, clock, splitWindowMs } = this.#options;
    const stale = await store.partialsBefore(new Date(clock.now() - splitWindowMs).toISOString(), partialsAtOnce);
    for (const id of stale) await this.#survived(`split message ${id}`, () => this.#setAside(id));
  }

  /** Read one by one: each may have megabytes. */
  async #setAside(id: string): Promise<void> {
    const [partial] = await this.#options.store.partialsOf([id]);
    if (partial === undefined) return;
    try {
      await insist(() => this.#replace(partial, wholeLetter));
    } catch (error) {
      if (!isOfMessages(error)) throw error;
      await this.#replace(partial, bareLetter);
    }
  }

  async #replace(partial: PartialMessage, bounds: LetterBounds): Promise<void> {
    const { store, clock, metrics } = this.#options;
    const result = await store.commit({
      documents: [],
      outbox: [],
      positions: [],
      messageIds: [],
      partials: [],
      deadLetters: [letterOf(partial, new Date(clock.now()).toISOString(), bounds)],
      completedPartials: [{ id: partial.id, expectedVersion: partial.version }],
    });
    if (result.ok) metrics.deadLetters.inc({ connector: partial.connector, code: 'incomplete-message' });
  }

  async #trimDeadLetters(): Promise<void> {
    const { store, clock, deadLetterLimits, logger, metrics } = this.#options;
    const { retentionMs, maxCount, maxBytes } = deadLetterLimits;
    const beforeIso = new Date(clock.now() - retentionMs).toISOString();
    for (const usage of await store.deadLetterTrim({ beforeIso, maxCount, maxBytes })) {
      const { connector, bytes, expired, displaced } = usage;
      metrics.deadLetterBytes.set({ connector }, bytes);
      metrics.deadLettersDropped.inc({ connector, reason: 'age' }, expired);
      metrics.deadLettersDropped.inc({ connector, reason: 'quota' }, displaced);
      if (displaced > 0)
        logger.error(
          { ...usage, maxCount, maxBytes },
          'a connector is over its dead letter quota; the oldest were removed',
        );
      else if (expired > 0) logger.info({ ...usage }, 'expired dead letters were removed');
    }
  }
}
