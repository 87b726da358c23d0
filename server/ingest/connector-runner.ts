import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import type { ConnectorSource, SourceRecord, StoredProgress } from '../../channels/ports/connector-source.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { WatchedLoop } from '../observability/progress-watch.ts';
import { every, type Loop } from '../turns/every.ts';
import { endOfCommit, firstCommitSize, nextCommitSize } from './commit-size.ts';
import type { MessageOutcome } from './batch-fold.ts';
import type { Connector } from './connector.ts';
import type { Intake } from './intake.ts';
import { PositionMovedError } from './taking.ts';

export interface ConnectorRunnerOptions {
  readonly connector: Connector;
  readonly source: ConnectorSource;
  readonly intake: Intake;
  readonly store: IntakeStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const lagEveryMs = 5000;
const repeatMs = 60_000;

/** Reads one connector's topic into the catalog. The stored position, not the consumer group, says what was ingested. */
export class ConnectorRunner {
  readonly #options: ConnectorRunnerOptions;
  /** Commits of each partition. */
  readonly #commits = new Map<number, number>();
  readonly #lags = new Map<number, number>();
  readonly #refused = new Set<number>();
  readonly #failing = new Set<number>();
  #commitSize = firstCommitSize;
  #lagLoop: Loop | undefined;
  #lastFault = { message: '', atMs: 0 };
  #setAside = { untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };

  constructor(options: ConnectorRunnerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { connector, source, logger, metrics } = this.#options;
    const { id } = connector.profile;
    await source.start({
      position: (partition) => this.#storedPosition(partition),
      onRecords: (partition, records, stored) => this.#take(partition, records, stored),
      onGap: (gap) => {
        metrics.messagesIn.inc({ connector: id, result: 'gone-at-source' }, gap.found - gap.expected);
        logger.error({ connector: id, gap }, 'the source deleted messages before they were read');
      },
      onRefused: (partition, reason, next) => this.#refuse(partition, reason, next),
      onFault: (error) => this.#onFault(error),
    });
    this.#lagLoop = every(lagEveryMs, () => this.#observeLag());
  }

  async stop(): Promise<void> {
    // a lag query in progress would reconnect what is being closed
    await this.#lagLoop?.stop();
    await this.#options.source.stop();
  }

  /** Name, whether something waits, and how far it is, for the progress watch. */
  get watched(): WatchedLoop {
    return {
      name: `connector ${this.#options.connector.profile.id}`,
      waits: () => this.#stuck.length > 0 || [...this.#lags.values()].some((lag) => lag > 0),
      progress: () => this.#progress(),
    };
  }

  /** Partitions that are refused, or of which the last batch could not be ingested. */
  get #stuck(): readonly number[] {
    return [...new Set([...this.#refused, ...this.#failing])];
  }

  /** A stalled partition counts even if others make progress. */
  #progress(): string {
    const stuck = this.#stuck;
    const commits = [...this.#commits].filter(([partition]) => stuck.length === 0 || stuck.includes(partition));
    return JSON.stringify(commits);
  }

  async #storedPosition(partition: number): Promise<StoredProgress | undefined> {
    const { connector, store } = this.#options;
    const positions = await store.positionsOf(connector.profile.id);
    const stored = positions.find((each) => each.topic === connector.topic && each.partition === partition);
    this.#showRefused(partition, stored?.refused !== undefined);
    return stored;
  }

  async #refuse(partition: number, reason: string, next: number): Promise<void> {
    const { connector, store, logger } = this.#options;
    const { topic = '', profile } = connector;
    logger.error(
      { connector: profile.id, topic, partition, next, reason },
      'connector stopped reading a partition: it is not the one read before',
    );
    await store.refusePosition({ connector: profile.id, topic, partition, next }, reason);
    this.#showRefused(partition, true);
  }

  /** Another process has the partition now. */
  #forget(partition: number): void {
    this.#failing.delete(partition);
    this.#showRefused(partition, false);
  }

  #showRefused(partition: number, isRefused: boolean): void {
    const { connector, metrics } = this.#options;
    if (isRefused) this.#refused.add(partition);
    else this.#refused.delete(partition);
    const labels = { connector: connector.profile.id, partition: String(partition) };
    metrics.connectorRefused.set(labels, isRefused ? 1 : 0);
  }

  async #take(partition: number, records: readonly SourceRecord[], stored: number | null): Promise<void> {
    let expected = stored;
    for (let start = 0; start < records.length;) {
      const some = records.slice(start, endOfCommit(records, start, this.#commitSize));
      const startedMs = performance.now();
      try {
        expected = await this.#commit(partition, some, expected);
      } finally {
        this.#commitSize = nextCommitSize(this.#commitSize, performance.now() - startedMs);
      }
      start += some.length;
    }
  }

  /** Resolves with the position behind the records. */
  async #commit(partition: number, records: readonly SourceRecord[], expected: number | null): Promise<number> {
    const { intake, connector, source } = this.#options;
    try {
      const markOf = source.markOf.bind(source);
      const outcomes = await intake.takeRecords(connector, partition, records, { expected, markOf });
      this.#commits.set(partition, (this.#commits.get(partition) ?? 0) + 1);
      this.#failing.delete(partition);
      this.#tellSetAside(outcomes);
    } catch (error) {
      // another process has ingested these records: nothing fails, the source asks for the position
      if (error instanceof PositionMovedError) this.#failing.delete(partition);
      else this.#failing.add(partition);
      throw error;
    }
    return (records.at(-1)?.offset ?? 0) + 1;
  }

  /** There is no caller to answer, so rejections are logged: once a minute, however many there are. */
  #tellSetAside(outcomes: readonly MessageOutcome[]): void {
    const rejected = outcomes.filter(({ result }) => result === 'rejected');
    const [first] = rejected;
    if (first?.result !== 'rejected') return;
    this.#setAside.untold += rejected.length;
    const nowMs = performance.now();
    if (nowMs - this.#setAside.toldAtMs < repeatMs) return;
    const { connector, logger } = this.#options;
    const fields = { connector: connector.profile.id, topic: connector.topic, messages: this.#setAside.untold };
    logger.warn(
      { ...fields, deadLetter: first.deadLetter, error: first.error },
      'messages were rejected and kept as dead letters, see `pursight deadletters list`',
    );
    this.#setAside = { untold: 0, toldAtMs: nowMs };
  }

  /** A source that is down fails with every attempt: one line is enough until the error changes. */
  #onFault(error: Error): void {
    const { connector, logger } = this.#options;
    const nowMs = performance.now();
    const isNews = error.message !== this.#lastFault.message || nowMs - this.#lastFault.atMs > repeatMs;
    if (isNews) this.#lastFault = { message: error.message, atMs: nowMs };
    const fields = { connector: connector.profile.id, topic: connector.topic, error };
    if (isNews) logger.warn(fields, 'the connector cannot read its topic; retrying');
    else logger.debug(fields, 'the connector still cannot read its topic');
  }

  async #observeLag(): Promise<void> {
    const { source, connector, metrics, logger } = this.#options;
    try {
      const lags = await source.lag();
      this.#lags.clear();
      const isHere = new Set(lags.map(({ partition }) => partition));
      for (const partition of this.#stuck) if (!isHere.has(partition)) this.#forget(partition);
      for (const { partition, lag } of lags) {
        this.#lags.set(partition, lag);
        metrics.connectorLag.set({ connector: connector.profile.id, partition: String(partition) }, lag);
      }
    } catch (error) {
      logger.debug({ error, connector: connector.profile.id }, 'consumer lag could not be read');
    }
  }
}
