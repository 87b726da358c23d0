import { expect, onTestFinished } from 'vitest';
import { sampleQuery } from '../../adapters/contract/search-samples.ts';
import { MeilisearchIndex } from '../../adapters/meilisearch/meilisearch-index.ts';
import type { FindQuery } from '../../channels/ports/document-store.ts';
import { createMetrics } from '../../server/observability/metrics.ts';
import { SharedIndexKeeper, type SharedIndexKeeperOptions } from '../../server/search/keeper/shared-index-keeper.ts';
import { eventually } from './eventually.ts';
import { MeiliStandIn, type MeiliStandInOptions } from './meili-stand-in/meili-stand-in.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { MemoryMeta } from './memory-meta.ts';
import { noneIsNewer, silentLogger } from './silence.ts';
import { MemoryDocuments } from './test-node.ts';
import { testTurns } from './test-turns.ts';
import { World } from './world.ts';

type NodeOptions = Partial<Pick<SharedIndexKeeperOptions, 'claimMs' | 'checkAfterMs' | 'slowAfterMs' | 'logger'>>;

/** Nodes that share an engine, a log and a catalog. */
export class Deployment {
  readonly log = new MemoryEventLog(2);
  readonly documents = new MemoryDocuments();
  readonly meta = new MemoryMeta();
  readonly leases = new MemoryEventJournal(() => Date.now());
  readonly world = new World({ log: this.log, documents: this.documents, journal: new MemoryEventJournal() });
  readonly metrics = createMetrics();
  readonly standIn: MeiliStandIn;
  /** Called when a page was read, before it is written. */
  afterFind: () => Promise<void> | undefined = () => undefined;
  url = '';

  constructor(options: MeiliStandInOptions = {}) {
    this.standIn = new MeiliStandIn(options);
  }

  async open(): Promise<void> {
    this.url = await this.standIn.start();
    onTestFinished(() => this.standIn.stop());
  }

  index(): MeilisearchIndex {
    const { key } = this.standIn;
    const index = new MeilisearchIndex({ url: this.url, key, deployment: 'test', clock: { now: () => Date.now() } });
    onTestFinished(() => index.close());
    return index;
  }

  /** Resolves when it has started; it may stand by. */
  async node(name: string, options: NodeOptions = {}): Promise<SharedIndexKeeper> {
    const { documents, meta, log, leases, metrics } = this;
    const { store } = documents;
    const keeper = new SharedIndexKeeper({
      ...{ index: this.index(), log, leases, node: name, metrics, logger: silentLogger, turns: testTurns() },
      store: Object.assign(store, {
        find: async (query: FindQuery) => {
          const page = await documents.store.find(query);
          await this.afterFind();
          return page;
        },
        getMeta: (key: string) => meta.getMeta(key),
        putMetaIfAbsent: (key: string, value: string) => meta.putMetaIfAbsent(key, value),
        replaceMeta: (key: string, expected: string, value: string) => meta.replaceMeta(key, expected, value),
      }),
      clock: { now: () => Date.now(), elapsedMs: () => performance.now() },
      onNewer: noneIsNewer,
      claimMs: 10_000,
      renewEveryMs: 20,
      ...options,
    });
    await keeper.start();
    onTestFinished(() => keeper.stop());
    return keeper;
  }

  async found(q = '', tenant = 'acme'): Promise<readonly string[]> {
    const { hits } = await this.index().search(sampleQuery({ q, tenant, limit: 1000 }));
    return hits.map(({ urn, version }) => `${urn}@${version}`).toSorted();
  }

  /** What the catalog has, in the same form. */
  stored(tenant = 'acme'): readonly string[] {
    return [...this.documents.documents.values()]
      .filter((each) => each.tenant === tenant && each.head.status !== 'deleted')
      .map(({ urn, version }) => `${urn}@${version}`)
      .toSorted();
  }
}

export async function openDeployment(options: MeiliStandInOptions = {}): Promise<Deployment> {
  const deployment = new Deployment(options);
  await deployment.open();
  return deployment;
}

export async function isCurrent(deployment: Deployment): Promise<void> {
  const { log } = deployment;
  const index = deployment.index();
  await eventually(async () => expect((await index.position())?.vector).toEqual(await log.ends()));
  expect(await deployment.found()).toEqual(deployment.stored());
}

/** The report of an order, once it has come to an end. */
export function reportOf(keeper: SharedIndexKeeper, id: string) {
  return eventually(async () => {
    const { last } = await keeper.status();
    expect(last).toMatchObject({ id, state: expect.stringMatching('done|failed') as unknown });
    return last;
  });
}
