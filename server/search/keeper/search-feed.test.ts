import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleQuery } from '../../../adapters/contract/search-samples.ts';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import type { AssetDocument } from '../../../channels/catalog/document.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { metricValue, noneIsNewer, silentLogger } from '../../../test/harness/silence.ts';
import { MemoryDocuments } from '../../../test/harness/test-node.ts';
import { testIndex } from '../../../test/harness/test-index.ts';
import { testTurns } from '../../../test/harness/test-turns.ts';
import { World } from '../../../test/harness/world.ts';
import { LogFollower } from '../../following/log-follower.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { SearchFeed } from './search-feed.ts';

/** One node with an index, on a log and documents that change. */
class SearchNode {
  readonly log = new MemoryEventLog(2);
  readonly documents = new MemoryDocuments();
  readonly world = new World({ log: this.log, documents: this.documents, journal: new MemoryEventJournal() });
  readonly index = testIndex();
  readonly metrics = createMetrics();
  /** Called when a page was read, before it is indexed. */
  afterFind: () => Promise<void> | undefined = () => undefined;
  readonly feed = new SearchFeed({
    ...{ index: this.index, log: this.log, metrics: this.metrics, logger: silentLogger },
    store: {
      ...this.documents.store,
      find: async (query) => {
        const page = await this.documents.store.find(query);
        await this.afterFind();
        return page;
      },
    },
    turns: testTurns(),
  });
  readonly #follower = new LogFollower({
    ...{ log: this.log, sink: this.feed, logger: silentLogger, onNewer: noneIsNewer, onWritten: () => undefined },
    onHole: () => void this.feed.restart(),
  });

  start(): Promise<void> {
    return this.#follower.start();
  }

  async stop(): Promise<void> {
    await this.#follower.close();
    await this.feed.close();
  }

  async found(q = '', tenant = 'acme'): Promise<readonly string[]> {
    const { hits, total } = await this.index.search(sampleQuery({ q, tenant, limit: 1000 }));
    expect(total.value).toBe(hits.length);
    return hits.map(({ urn, version }) => `${urn}@${version}`).toSorted();
  }

  /** What the store has, in the same form. */
  stored(tenant = 'acme'): readonly string[] {
    return [...this.documents.documents.values()]
      .filter((each) => each.tenant === tenant && each.status !== 'deleted')
      .map(({ urn, version }) => `${urn}@${version}`)
      .toSorted();
  }

  async isCurrent(): Promise<void> {
    const ends = await this.log.ends();
    await eventually(async () => expect((await this.index.position())?.vector).toEqual(ends));
    expect(await this.found()).toEqual(this.stored());
  }
}

let node: SearchNode;
beforeEach(() => {
  node = new SearchNode();
});
afterEach(() => node.stop());

it('has what was in the store before it started, and what changes after', async () => {
  for (let i = 0; i < 450; i++) await node.world.change(`a${i}`, {});
  await node.start();
  await node.feed.built('acme');
  await node.isCurrent();
  await node.world.change('a7', { name: 'invoices' });
  await node.world.change('new', {}, 'large');
  await node.world.change('a8', { status: 'deleted' });
  await node.isCurrent();
  expect(await node.found('invoices')).toEqual(['urn:a7@2']);
  expect(await metricValue(node.metrics, 'searchDocuments')).toBe(450);
});

it('indexes a tenant that nobody announced with its first search, and no other', async () => {
  node.documents.put(sampleAsset('globex', 'urn:theirs'));
  node.documents.put(sampleAsset('acme', 'urn:ours'));
  await node.start();
  await node.feed.built('globex');
  expect([await node.found('', 'globex'), await node.found('', 'acme')]).toEqual([['urn:theirs@1'], []]);
});

it('says that it is not ready while the index is built, and goes on when the store is back', async () => {
  node.documents.put(sampleAsset('acme', 'urn:a'));
  node.documents.failing = true;
  await node.start();
  await expect(node.feed.built('acme')).rejects.toMatchObject({ code: 'not-ready', retryAfterMs: 1000 });
  expect([await metricValue(node.metrics, 'searchBuilding'), node.feed.steps]).toEqual([1, 0]);
  node.documents.failing = false;
  await eventually(() => node.feed.built('acme'));
  expect(await node.found()).toEqual(['urn:a@1']);
  expect(await metricValue(node.metrics, 'searchBuilding')).toBe(0);
});

it('a document that is deleted while the catalog is read does not come back', async () => {
  for (let i = 0; i < 300; i++) await node.world.change(`a${String(i).padStart(3, '0')}`, {});
  // one that is indexed already, and one of the page in hand
  const deleteBoth = async (): Promise<void> => {
    for (const name of ['a000', 'a250']) await node.world.change(name, { status: 'deleted' });
    await node.world.change('a001', { name: 'renamed' });
  };
  let pages = 0;
  node.afterFind = () => {
    pages += 1;
    return pages === 2 ? deleteBoth() : undefined;
  };
  await node.start();
  await node.feed.built('acme');
  await node.isCurrent();
  expect(pages).toBe(2);
  expect(node.stored()).toHaveLength(298);
});

it('applies a change after the page that was read before it, not beside it', async () => {
  const urnOf = (number: number): string => `urn:a${String(number).padStart(3, '0')}`;
  for (let i = 0; i < 300; i++) node.documents.put(sampleAsset('acme', urnOf(i)));
  const gone = sampleAsset('acme', urnOf(250), { version: 2, status: 'deleted' });
  const told = sampleEvent(gone);
  const event = { ...told, data: { ...told.data, heads: { before: gone.head, after: null } } };
  const entry = { partition: 0, offset: 0, appendedAtMs: 0, event, text: JSON.stringify(event) };
  let writing: Promise<void> | undefined;
  let pages = 0;
  node.afterFind = async () => {
    pages += 1;
    if (pages !== 2) return;
    node.documents.put(gone);
    writing = node.feed.write([{ epoch: node.log.epoch, partition: 0, from: 0, to: 1, records: [entry] }]);
    // longer than a write that waits for nothing
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  };
  await node.start();
  await node.feed.built('acme');
  await writing;
  expect(await node.found()).toEqual(node.stored());
  expect(node.stored()).toHaveLength(299);
});

it('reads everything again when the log has lost changes', async () => {
  await node.world.change('kept', {});
  await node.world.change('gone', {});
  await node.start();
  await node.feed.built('acme');
  node.log.paused = true;
  await node.world.change('gone', { status: 'deleted' });
  await node.world.change('kept', { name: 'renamed' });
  for (const [partition, end] of (await node.log.ends()).entries())
    node.log.lose(partition, end - ((await node.log.starts())[partition] ?? 0));
  node.log.paused = false;
  node.log.wake();
  await node.world.change('kept', { description: 'later' });
  await eventually(async () => expect(await node.found()).toEqual(['urn:kept@3']));
});

it('a document that cannot be indexed keeps no other from being found', async () => {
  const broken = { ...sampleAsset('acme', 'urn:broken'), columns: null } as unknown as AssetDocument;
  for (const document of [broken, sampleAsset('acme', 'urn:fine')]) node.documents.put(document);
  await node.start();
  await node.feed.built('acme');
  expect(await node.found()).toEqual(['urn:fine@1']);
  expect(await metricValue(node.metrics, 'searchUnindexed', { problem: 'fault' })).toBe(1);
});

it('R15 is in the end what the store is, whatever changed while it was built', async () => {
  const change = fc.record({
    name: fc.nat(30).map((n) => `n${n}`),
    fields: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('orders', 'invoices').map((name) => ({ name, status: 'active' as const })),
      },
      { weight: 1, arbitrary: fc.constant({ status: 'deleted' as const }) },
    ),
    form: fc.constantFrom('small' as const, 'large' as const),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 40 }),
      fc.array(change, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      async (before, during, restarts) => {
        const each = new SearchNode();
        try {
          for (const { name, fields, form } of before) await each.world.change(name, fields, form);
          await each.start();
          each.feed.build('acme');
          for (const [index, { name, fields, form }] of during.entries()) {
            await each.world.change(name, fields, form);
            if (index === 20 && restarts) await each.feed.restart();
          }
          await each.feed.built('acme');
          await each.isCurrent();
        } finally {
          await each.stop();
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
