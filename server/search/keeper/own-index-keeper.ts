import { messageOf } from '../../../channels/base/thrown.ts';
import type { NewerForm } from '../../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../../channels/ports/clock.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { SearchIndex } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { LogFollower } from '../../following/log-follower.ts';
import type { Connector } from '../../ingest/connector.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { WatchedLoop } from '../../observability/progress-watch.ts';
import { behindLog } from './behind-log.ts';
import { IndexChanges } from './index-changes.ts';
import { checkIndex } from './index-check.ts';
import type { IndexKeeper, IndexState, IndexStatus } from './index-keeper.ts';
import type { IndexOrderKind, OrderReport } from './index-orders.ts';
import { SearchFeed } from './search-feed.ts';

export interface OwnIndexKeeperOptions {
  readonly index: SearchIndex;
  readonly store: DocumentStore;
  readonly log: EventLog;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly turns: Turns;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onNewer: (error: NewerForm) => void;
}

/** Beyond it a node is of use without its index: something may keep that from being built. */
const longestPreparingMs = 300_000;

/** An index of this process, built in the background after the start and kept up with the log. */
export class OwnIndexKeeper implements IndexKeeper {
  readonly #options: OwnIndexKeeperOptions;
  readonly #feed: SearchFeed;
  readonly #follower: LogFollower;
  #isStopped = false;
  #startedMs: number | undefined;
  #last: OrderReport | undefined;

  constructor(options: OwnIndexKeeperOptions) {
    const { log, logger, onNewer } = options;
    this.#options = options;
    this.#feed = new SearchFeed(options);
    const onHole = (): void => {
      logger.warn({}, 'the log lost changes before they were indexed; the search index is built again');
      void this.#feed.restart();
    };
    this.#follower = new LogFollower({ log, sink: this.#feed, logger, onNewer, onHole, onWritten: () => undefined });
  }

  get watched(): readonly WatchedLoop[] {
    return [{ name: 'search', waits: () => this.#feed.isBusy, progress: () => this.#feed.steps }];
  }

  async start(): Promise<void> {
    await this.#follower.start();
    // of others with their first search
    for (const { profile } of this.#options.connectors.values()) this.#feed.build(profile.tenant);
    this.#startedMs = this.#options.clock.elapsedMs();
    void this.#prepare();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#follower.close();
    await this.#feed.close();
  }

  built(tenant: string): Promise<void> {
    return this.#feed.built(tenant);
  }

  state(): IndexState {
    return this.#feed.isBuilt ? 'up' : 'building';
  }

  isPreparing(): boolean {
    const { clock } = this.#options;
    return this.#startedMs !== undefined && clock.elapsedMs() - this.#startedMs < longestPreparingMs;
  }

  refreshGauges(): void {}

  async status(): Promise<IndexStatus> {
    const { index, log } = this.#options;
    const [documents, behind] = [await index.count(), await behindLog(index, log)];
    const { name: engine } = index.engine;
    return { engine, state: this.state(), documents, writer: null, build: null, behind, last: this.#last ?? null };
  }

  async order(kind: IndexOrderKind): Promise<string> {
    const { clock, logger } = this.#options;
    const id = `${kind}-${clock.now().toString(36)}`;
    const report = (rest: Pick<OrderReport, 'state' | 'result'>): void =>
      void (this.#last = { id, kind, ...rest, at: new Date(clock.now()).toISOString() });
    report({ state: 'running' });
    void (kind === 'rebuild' ? this.#rebuilt() : this.#checked()).then(
      (result) => report({ state: 'done', result }),
      (error: unknown) => {
        logger.error({ id, error }, 'an order for the search index has failed');
        report({ state: 'failed', result: { problem: messageOf(error) } });
      },
    );
    return id;
  }

  /** Once: who searches a tenant later, or has it built again, does so on a node that is in use. */
  async #prepare(): Promise<void> {
    while (!this.#feed.isBuilt && !this.#isStopped) await this.#feed.settled();
    this.#startedMs = undefined;
  }

  async #rebuilt(): Promise<Record<string, number>> {
    await this.#feed.restart();
    await this.#feed.settled();
    return { documents: await this.#options.index.count() };
  }

  async #checked(): Promise<Record<string, number>> {
    const { index } = this.#options;
    const counts = await checkIndex({
      ...this.#options,
      tenants: async () => this.#feed.builtTenants,
      changes: new IndexChanges(this.#options),
      alone: (work) => this.#feed.alone(work),
      apply: async (batch) => void (await index.apply(batch)),
      isStopped: () => this.#isStopped,
    });
    return { ...counts };
  }
}
