import type { Clock } from '../../../channels/ports/clock.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type {
  IndexBatch,
  IndexPosition,
  IndexReport,
  SearchIndex,
  StopSignal,
} from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { covers } from '../../../channels/position/vector.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { indexRowForm } from '../../../channels/search/index-row.ts';
import type { LogBatch, LogSink } from '../../following/log-sink.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { every } from '../../turns/every.ts';
import { OwnedTurns } from '../../turns/owned-turns.ts';
import { IndexChanges, positionAfter } from './index-changes.ts';
import { IndexRebuild } from './index-rebuild.ts';

export interface SharedIndexWriterOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore;
  readonly log: Pick<EventLog, 'epoch' | 'ends' | 'starts'>;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<
    Metrics,
    'searchBatchSeconds' | 'searchBuilding' | 'searchDocuments' | 'searchRowsStale' | 'searchUnindexed'
  >;
  /** Says when this process must write no more; undefined if it must not write at all. */
  readonly claim: () => StopSignal | undefined;
  /** Nothing was there of these tenants: whether they are new or were lost, the catalog knows. */
  readonly onBegun: (tenants: readonly string[]) => void;
  /** How long what was replaced is kept for searches that run. @default 60 s */
  readonly retireAfterMs?: number;
  /** A batch takes a second or less as a rule; an engine whose disk is full says nothing, and tries again. @default 30 s */
  readonly slowAfterMs?: number;
}

/** Where the writer is, for those who ask. */
export interface WriterState {
  readonly position: IndexPosition | undefined;
  /** What is being built; undefined as a rule. */
  readonly building: { readonly build: string; readonly documents: number } | undefined;
}

/**
 * Keeps an index that all processes search up with the log, from where the index is. Where it cannot go on, because there is
 * none yet, the log has lost what came next, or documents are stored in another way now, it builds a new one beside it and
 * replaces it; what changes meanwhile goes to both. One thing is done at a time, so nothing that was deleted comes back.
 */
export class SharedIndexWriter implements LogSink {
  readonly name = 'the search index';
  readonly #options: SharedIndexWriterOptions;
  readonly #changes: IndexChanges;
  readonly #oneAtATime = new OwnedTurns(1);
  #position: IndexPosition | undefined;
  /** The index that is searched is kept up. */
  #isKept = false;
  #rebuild: IndexRebuild | undefined;
  #building: Promise<boolean> | undefined;
  #retiring: NodeJS.Timeout | undefined;
  #pendingSinceMs: number | undefined;
  #lagMs = 0;
  #steps = 0;

  constructor(options: SharedIndexWriterOptions) {
    this.#options = options;
    this.#changes = new IndexChanges(options);
  }

  get state(): WriterState {
    const rebuild = this.#rebuild;
    return {
      position: this.#position,
      building: rebuild === undefined ? undefined : { build: rebuild.name, documents: rebuild.documents },
    };
  }

  /** Something has to be written. */
  get isBusy(): boolean {
    return this.#oneAtATime.size > 0 || this.#rebuild !== undefined;
  }

  /** Pages and batches that were written. */
  get steps(): number {
    return this.#steps;
  }

  /** How long ago the oldest event was appended that the index does not have; when nothing waits, how long the last one took. */
  get lagMs(): number {
    const since = this.#pendingSinceMs;
    return since === undefined ? this.#lagMs : Math.max(0, this.#options.clock.now() - since);
  }

  async from(): Promise<{ readonly epoch: string; readonly vector: readonly number[] }> {
    const { log, index, logger } = this.#options;
    const { epoch } = log;
    const [held, build, starts] = [await index.position(), await index.build(), await log.starts()];
    const ends = await log.ends();
    // beyond the end is an index from elsewhere, or from a log that has lost what came after: what comes now would be passed over
    const isWithin = held !== undefined && covers(held.vector, starts) && covers(ends, held.vector);
    this.#isKept = held !== undefined && held.epoch === epoch && isWithin;
    if (!this.#isKept) await index.clear();
    const position = held !== undefined && this.#isKept ? held : { epoch, vector: ends };
    this.#position = position;
    if (!this.#isKept) {
      logger.warn({ held: held ?? null }, 'the search index cannot be continued from the log; building it');
      void this.build();
    } else if (build === undefined || !build.startsWith(this.#form)) {
      logger.info({ build: build ?? null }, 'the search index stores documents in another way now; building it anew');
      void this.build();
    } else this.#retire();
    return position;
  }

  write(batches: readonly LogBatch[]): Promise<void> {
    const [first] = batches.flatMap(({ records }) => records);
    this.#pendingSinceMs ??= first?.appendedAtMs;
    return this.alone(() => this.#write(batches));
  }

  /**
   * Builds an index beside the one that is searched, and replaces it. Resolves when it is searched; with false when that was
   * given up because another process writes now. While one is being built, another follows.
   */
  async build(): Promise<boolean> {
    const running = this.#building;
    this.#building = (async () => {
      if (running !== undefined && !(await running)) return false;
      return this.#build();
    })();
    return this.#building;
  }

  async #build(): Promise<boolean> {
    const { metrics, logger, clock } = this.#options;
    const rebuild = new IndexRebuild({
      ...this.#options,
      changes: this.#changes,
      name: `${this.#form}${clock.now().toString(36)}`,
      alone: (work) => this.alone(work),
      applied: (apply) => this.#applied(apply),
      position: () => this.#position,
    });
    this.#rebuild = rebuild;
    metrics.searchBuilding.set(1);
    const isAdopted = await rebuild.run();
    if (this.#rebuild !== rebuild) return false;
    this.#rebuild = undefined;
    metrics.searchBuilding.set(0);
    if (!isAdopted) return false;
    this.#isKept = true;
    const { name: build, documents } = rebuild;
    logger.info({ build, documents }, 'the search index is built, and searched from now on');
    this.#retire();
    return true;
  }

  /** What is written ends; another process may go on. */
  async stop(): Promise<void> {
    this.#rebuild?.stop();
    this.#rebuild = undefined;
    this.#building = undefined;
    this.#options.metrics.searchBuilding.set(0);
    clearTimeout(this.#retiring);
    await this.alone(async () => undefined);
    this.#pendingSinceMs = undefined;
    this.#lagMs = 0;
  }

  /** Nothing else is written meanwhile. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#oneAtATime.run('', work);
  }

  /** To be called when there seems to be none. @throws HubError storage-unavailable */
  noticeLoss(): Promise<void> {
    return this.alone(() => this.#noticeLoss());
  }

  /** Writes to the index that is searched. @throws HubError storage-unavailable */
  async apply(batch: IndexBatch): Promise<void> {
    await this.#applied((stop) => this.#options.index.apply(batch, stop));
  }

  get #form(): string {
    return `${indexRowForm}-${this.#options.index.engine.form}.`;
  }

  async #write(batches: readonly LogBatch[]): Promise<void> {
    const { clock } = this.#options;
    const changes = await this.#changes.ofBatches(batches);
    const position = positionAfter(this.#position, batches);
    await this.#noticeLoss();
    if (this.#isKept) await this.apply({ ...changes, position });
    await this.#rebuild?.apply({ ...changes, position });
    this.#position = position;
    const last = batches.flatMap(({ records }) => records).at(-1);
    if (last !== undefined) this.#lagMs = Math.max(0, clock.now() - last.appendedAtMs);
    this.#pendingSinceMs = undefined;
  }

  /** Who has emptied the server has left an index that lacks all that does not change. */
  async #noticeLoss(): Promise<void> {
    const { index, logger } = this.#options;
    if (!this.#isKept || (await this.#held(() => index.position())) !== undefined) return;
    logger.error({}, 'the search index is gone; building it');
    this.#isKept = false;
    void this.build();
  }

  /** Whatever goes wrong here is tried again: events are passed over only if they themselves are at fault. */
  async #applied(apply: (stop: StopSignal) => Promise<IndexReport>): Promise<void> {
    const { metrics, logger, slowAfterMs = 30_000 } = this.#options;
    const stop = this.#options.claim();
    if (stop === undefined) throw new HubError('storage-unavailable', 'search index: another process writes it now');
    const end = metrics.searchBatchSeconds.startTimer();
    const slow = every(slowAfterMs, () =>
      logger.warn(
        { lagMs: this.lagMs },
        'the search engine has not written a batch yet; is its disk full, or its CPU taken?',
      ),
    );
    const { stale, refused, begun = [] } = await this.#held(() => apply(stop)).finally(() => void slow.stop());
    end();
    this.#steps += 1;
    metrics.searchRowsStale.inc(stale);
    // a build has all of them as new
    if (begun.length > 0 && this.#rebuild === undefined) this.#options.onBegun(begun);
    for (const each of refused) {
      metrics.searchUnindexed.inc({ problem: 'refused' });
      logger.error(each, 'the search engine does not take a document; it cannot be found');
    }
  }

  async #held<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HubError && error.code === 'storage-unavailable') throw error;
      throw new HubError('storage-unavailable', 'the search index cannot be written; retrying', { cause: error });
    }
  }

  async #count(): Promise<void> {
    const { index, metrics } = this.#options;
    metrics.searchDocuments.set(await index.count().catch(() => 0));
  }

  #retire(): void {
    const { index, retireAfterMs = 60_000, logger } = this.#options;
    void this.#count();
    clearTimeout(this.#retiring);
    this.#retiring = setTimeout(() => {
      index.retire().catch((error: unknown) => logger.warn({ error }, 'the replaced search index was not removed'));
    }, retireAfterMs).unref();
  }
}
