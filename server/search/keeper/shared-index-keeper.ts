import type { NewerForm } from '../../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../../channels/ports/clock.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { Leases } from '../../../channels/ports/lease.ts';
import type { MetaStore } from '../../../channels/ports/meta-store.ts';
import type { SearchIndex } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { messageOf } from '../../../channels/base/thrown.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { LeasedFollower } from '../../following/leased-follower.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { every, type Loop } from '../../turns/every.ts';
import { behindLog } from './behind-log.ts';
import { IndexChanges } from './index-changes.ts';
import { checkIndex } from './index-check.ts';
import type { IndexKeeper, IndexState, IndexStatus } from './index-keeper.ts';
import { type IndexOrder, type IndexOrderKind, IndexOrders, type OrderReport } from './index-orders.ts';
import { SharedIndexWriter } from './shared-index-writer.ts';

export interface SharedIndexKeeperOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore & MetaStore;
  readonly log: EventLog;
  readonly leases: Leases;
  readonly node: string;
  readonly turns: Turns;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onNewer: (error: NewerForm) => void;
  /** Duration of the lease. Another process takes over when it was not renewed for this long. */
  readonly claimMs?: number;
  readonly renewEveryMs?: number;
  /** From becoming the writer until what an earlier one may have left is looked for. @default 60 s */
  readonly checkAfterMs?: number;
  /** See {@link SharedIndexWriterOptions.slowAfterMs}. */
  readonly slowAfterMs?: number;
}

/** One batch of the engine costs much by itself and little for each row. */
const limits = { maxRecords: 1000, maxBytes: 8 * 1024 * 1024 };
const probeEveryMs = 2000;
const retryMs = 2000;

/** An index that all processes search: of all that can, the one with the lease writes it. */
export class SharedIndexKeeper implements IndexKeeper {
  /** How long the engine takes is not for this process to answer for: `search_applied_lag_seconds` says it. */
  readonly watched = [];
  readonly #options: SharedIndexKeeperOptions;
  readonly #orders: IndexOrders;
  readonly #writer: SharedIndexWriter;
  readonly #follower: LeasedFollower;
  #probe: Loop | undefined;
  #state: IndexState = 'building';
  #isHolder = false;
  #isObeying = false;
  #check: NodeJS.Timeout | undefined;

  constructor(options: SharedIndexKeeperOptions) {
    const { log, leases, node, clock, logger, metrics, onNewer, claimMs, renewEveryMs } = options;
    this.#options = options;
    this.#orders = new IndexOrders(options.store);
    this.#writer = new SharedIndexWriter({
      ...options,
      claim: () => this.#follower.claim,
      onBegun: (tenants) => this.#onBegun(tenants),
    });
    this.#follower = new LeasedFollower({
      ...{ log, node, clock, logger, limits, onNewer },
      name: 'the search index',
      lease: leases.lease('search-index'),
      sink: this.#writer,
      onHolding: (holds) => {
        metrics.searchWriting.set(holds ? 1 : 0);
        this.#onHolding(holds);
      },
      onWritten: () => undefined,
      onHole: (gap) => {
        logger.warn({ ...gap }, 'the log lost changes before they were indexed; the search index is built again');
        void this.#writer.build();
      },
      ...(claimMs === undefined ? {} : { ttlMs: claimMs }),
      ...(renewEveryMs === undefined ? {} : { renewEveryMs }),
    });
  }

  async start(): Promise<void> {
    this.#probe = every(probeEveryMs, () => this.#look());
    await this.#look();
    this.#follower.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#check);
    await this.#probe?.stop();
    await this.#follower.end();
    await this.#follower.release();
    await this.#writer.stop();
  }

  state(): IndexState {
    return this.#state;
  }

  /** An index that was never built has nothing to search; of all tenants it is built at once. */
  async built(): Promise<void> {
    if (this.#state !== 'building') return;
    await this.#look();
    if (this.#state === 'building')
      throw new HubError('not-ready', 'search: the index is being built; retry in a moment', { retryAfterMs: retryMs });
  }

  /** It does not matter to which node a search goes. */
  isPreparing(): boolean {
    return false;
  }

  refreshGauges(): void {
    this.#options.metrics.searchAppliedLag.set(this.#follower.holds ? this.#writer.lagMs / 1000 : 0);
  }

  async status(): Promise<IndexStatus> {
    const { index, log, leases } = this.#options;
    const [writer, { report }] = [await leases.lease('search-index').holder(), await this.#orders.last()];
    await this.#look();
    const common = { engine: index.engine.name, state: this.#state, writer: writer ?? null, last: report ?? null };
    if (this.#state === 'down') return { ...common, documents: null, build: null, behind: null };
    const [build, documents, behind] = [await index.build(), await index.count(), await behindLog(index, log)];
    return { ...common, documents, build: build ?? null, behind };
  }

  async order(kind: IndexOrderKind): Promise<string> {
    const id = `${kind}-${this.#options.clock.now().toString(36)}`;
    await this.#orders.put({ id, kind });
    if (this.#follower.holds) void this.#obey(false);
    return id;
  }

  /** Told every few seconds. */
  #onHolding(holds: boolean): void {
    const isNew = holds && !this.#isHolder;
    if (!holds && this.#isHolder) void this.#writer.stop();
    this.#isHolder = holds;
    if (!holds) clearTimeout(this.#check);
    if (isNew) this.#checkLater();
    if (holds) void this.#obey(isNew);
  }

  /** What a writer had sent before it froze may arrive when another has its place, and is older than what that one wrote. */
  #checkLater(): void {
    const { logger, checkAfterMs = 60_000 } = this.#options;
    clearTimeout(this.#check);
    this.#check = setTimeout(() => {
      this.#checked().then(
        (counts) =>
          logger.info(counts, 'the search index was compared with the catalog, because its writer is another'),
        (error: unknown) => logger.warn({ error }, 'the search index could not be compared with the catalog'),
      );
    }, checkAfterMs).unref();
  }

  /** As soon as what was begun is written. */
  #onBegun(tenants: readonly string[]): void {
    const { logger } = this.#options;
    this.#checked(tenants).then(
      (counts) => counts['missing'] !== 0 && logger.warn({ tenants, ...counts }, 'the search index had lost documents'),
      (error: unknown) => logger.warn({ error }, 'the search index could not be compared with the catalog'),
    );
  }

  async #look(): Promise<void> {
    try {
      this.#state = (await this.#options.index.position()) === undefined ? 'building' : 'up';
      // nothing may come for long that would be written
      if (this.#state === 'building' && this.#follower.holds && !this.#writer.isBusy) await this.#writer.noticeLoss();
    } catch (error) {
      if (this.#state !== 'down') this.#options.logger.warn({ error }, 'the search engine cannot be reached');
      this.#state = 'down';
    }
  }

  /** Does what operators want. `isNew`: the process before has not come to an end of what it had begun. */
  async #obey(isNew: boolean): Promise<void> {
    if (this.#isObeying) return;
    this.#isObeying = true;
    try {
      const { order, report } = await this.#orders.last();
      const isLeft = isNew && report?.state === 'running';
      if (order !== undefined && (order.id !== report?.id || isLeft)) await this.#do(order);
    } catch (error) {
      this.#options.logger.warn({ error }, 'an order for the search index cannot be read or answered; retrying');
    } finally {
      this.#isObeying = false;
    }
  }

  async #do(order: IndexOrder): Promise<void> {
    const { clock, logger } = this.#options;
    const report = (rest: Pick<OrderReport, 'state' | 'result'>): Promise<void> =>
      this.#orders.report({ ...order, ...rest, at: new Date(clock.now()).toISOString() });
    await report({ state: 'running' });
    try {
      const result = await (order.kind === 'rebuild' ? this.#rebuilt() : this.#checked());
      if (!this.#follower.holds) return;
      logger.info({ ...order, ...result }, 'an order for the search index is done');
      await report({ state: 'done', result });
    } catch (error) {
      logger.error({ ...order, error }, 'an order for the search index has failed');
      await report({ state: 'failed', result: { problem: messageOf(error) } });
    }
  }

  async #rebuilt(): Promise<Record<string, number>> {
    await this.#writer.build();
    const documents = await this.#options.index.count().catch(() => undefined);
    return documents === undefined ? {} : { documents };
  }

  async #checked(tenants?: readonly string[]): Promise<Record<string, number>> {
    const counts = await checkIndex({
      ...this.#options,
      tenants: async () => tenants ?? this.#options.store.tenants(),
      changes: new IndexChanges(this.#options),
      alone: (work) => this.#writer.alone(work),
      apply: (batch) => this.#writer.apply(batch),
      isStopped: () => !this.#follower.holds,
    });
    return { ...counts };
  }
}
