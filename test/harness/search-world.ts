import { sha256Text } from '../../channels/event/hash.ts';
import type { Policy } from '../../channels/policy/policy.ts';
import type {
  IndexBatch,
  IndexPosition,
  IndexReport,
  IndexResult,
  SearchIndex,
} from '../../channels/ports/search-index.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createOutlet } from '../../server/delivery/outlet/outlet.ts';
import { outletMetrics } from '../../server/delivery/outlet/outlet-metrics.ts';
import { LogFollower } from '../../server/following/log-follower.ts';
import { createMetrics } from '../../server/observability/metrics.ts';
import { LiveSearches } from '../../server/search/live/live-searches.ts';
import { SessionSearches } from '../../server/search/sessions/session-searches.ts';
import { SearchBudgets } from '../../server/search/search-budgets.ts';
import { SearchFeed } from '../../server/search/keeper/search-feed.ts';
import { Searcher } from '../../server/search/searcher.ts';
import { packetOf } from '../../server/transport/packet.ts';
import type { FakeConnection } from './fake-connection.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { noneIsNewer, silentLogger } from './silence.ts';
import { createTestNode, MemoryDocuments } from './test-node.ts';
import { testIndex } from './test-index.ts';
import { testTurns } from './test-turns.ts';
import { World } from './world.ts';

/** An index as one that another process writes: it may lag behind, and be away. */
export class RemoteIndex implements SearchIndex {
  /** Changes wait here until `catchUp`. */
  isLagging = false;
  isAway = false;
  readonly #index: SearchIndex;
  readonly #waiting: IndexBatch[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(index: SearchIndex) {
    this.#index = index;
  }

  get engine(): SearchIndex['engine'] {
    return this.#index.engine;
  }

  async apply(batch: IndexBatch): Promise<IndexReport> {
    if (!this.isLagging) return this.#inOrder(() => this.#index.apply(batch));
    this.#waiting.push(batch);
    return { stale: 0, refused: [] };
  }

  async catchUp(batches = Number.POSITIVE_INFINITY): Promise<void> {
    const some = this.#waiting.splice(0, batches);
    await Promise.all(some.map((batch) => this.#inOrder(() => this.#index.apply(batch))));
  }

  async search(query: Parameters<SearchIndex['search']>[0]): Promise<IndexResult> {
    this.#reach();
    return this.#index.search(query);
  }

  async position(): Promise<IndexPosition | undefined> {
    this.#reach();
    return this.#index.position();
  }

  begin = (build: string): ReturnType<SearchIndex['begin']> => this.#index.begin(build);
  adopt = (build: string): Promise<void> => this.#index.adopt(build);
  retire = (): Promise<void> => this.#index.retire();
  build = (): ReturnType<SearchIndex['build']> => this.#index.build();
  versions = (...args: Parameters<SearchIndex['versions']>): ReturnType<SearchIndex['versions']> =>
    this.#index.versions(...args);
  list = (...args: Parameters<SearchIndex['list']>): ReturnType<SearchIndex['list']> => this.#index.list(...args);

  clear(): Promise<void> {
    this.#waiting.length = 0;
    return this.#index.clear();
  }

  count(): Promise<number> {
    return this.#index.count();
  }

  close(): Promise<void> {
    return this.#index.close();
  }

  /** What is applied later comes behind what waited. */
  #inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #reach(): void {
    if (this.isAway) throw new HubError('storage-unavailable', 'the index is away');
  }
}

/** A catalog that changes, and one node with sessions, delivery and live searches on fake connections. */
export class SearchWorld {
  readonly log = Object.assign(new MemoryEventLog(2), { nowMs: 1_000_000 });
  readonly documents = new MemoryDocuments();
  readonly world = new World({ log: this.log, documents: this.documents, journal: new MemoryEventJournal() });
  readonly index: RemoteIndex;
  readonly metrics = createMetrics();
  readonly live: LiveSearches;
  /** What nodes wait for before they send anything. */
  pending: Promise<void> | undefined;
  readonly node: ReturnType<typeof createTestNode>;
  readonly #connections = new Set<FakeConnection>();
  readonly #feed: SearchFeed;
  readonly #follower: LogFollower;

  constructor(policy: Policy, engine: SearchIndex = testIndex()) {
    this.index = new RemoteIndex(engine);
    const { log, documents, index, metrics } = this;
    const { store } = documents;
    const turns = testTurns();
    const clock = { now: Date.now, elapsedMs: () => performance.now() };
    const logger = silentLogger;
    const outlet = createOutlet([outletMetrics(metrics)]);
    this.#feed = new SearchFeed({ index, log, metrics, logger, store, turns });
    const onHole = (): void => void this.#feed.restart();
    this.#follower = new LogFollower({
      ...{ log, sink: this.#feed, logger, onNewer: noneIsNewer, onWritten: () => undefined, onHole },
    });
    const searcher = new Searcher({ index, store, turns, clock, metrics });
    this.live = new LiveSearches({
      ...{ index, searcher, store, turns, clock, logger, metrics, outlet },
      pending: () => this.pending,
      position: () => this.node.gateway.position,
      publish: (room, packet) => {
        for (const each of this.#connections) if (each.rooms.has(room)) each.sendPacket(packetOf(packet));
      },
      nameOf: (...parts) => sha256Text(parts.join('|')),
    });
    const feature = new SessionSearches({
      ...{ live: this.live, searcher, outlet, budgets: new SearchBudgets(clock), pending: () => this.pending },
      built: (tenant) => this.#feed.built(tenant),
    });
    this.node = createTestNode({
      ...{ log, documents, policy, journal: new MemoryEventJournal(), now: () => log.nowMs },
      features: () => [feature],
    });
  }

  async start(): Promise<void> {
    await this.node.start();
    await this.#follower.start();
    await this.#feed.built('acme');
    this.live.start();
  }

  async stop(): Promise<void> {
    await this.live.close();
    await this.#follower.close();
    await this.#feed.close();
    await this.node.stop();
  }

  async connect(principal: object = {}, auth: object = {}): Promise<FakeConnection> {
    const connection = await this.node.connect(auth, principal);
    this.#connections.add(connection);
    return connection;
  }

  /** Everything that was changed has been delivered, indexed and judged. */
  async isQuiet(): Promise<boolean> {
    const ends = (await this.log.ends()).join(',');
    const indexed = await this.index.position().catch(() => undefined);
    return (
      this.node.gateway.position.vector.join(',') === ends &&
      indexed?.vector.join(',') === ends &&
      !this.live.isBusy &&
      this.live.isClean
    );
  }
}
