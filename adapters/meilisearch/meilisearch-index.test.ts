import { afterEach, describe, expect, it } from 'vitest';
import { registerSearchIndexTests } from '../contract/search-index.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from '../contract/search-samples.ts';
import { MeiliStandIn, type MeiliStandInOptions } from '../../test/harness/meili-stand-in/meili-stand-in.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { documentSettings } from './index-settings.ts';
import { MeilisearchIndex } from './meilisearch-index.ts';

const clock = { now: () => Date.now() };
const deployment = 'test';

registerSearchIndexTests({
  name: 'Meilisearch adapter on a stand-in',
  runs: 30,
  forgivesTyposInHiddenTexts: false,
  create: async () => {
    const standIn = new MeiliStandIn();
    const index = new MeilisearchIndex({ url: await standIn.start(), key: standIn.key, deployment, clock });
    return {
      index,
      dispose: async () => {
        await index.close();
        await standIn.stop();
      },
    };
  },
});

describe('Meilisearch adapter', () => {
  const closed: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closed.splice(0)) await close();
  });

  async function opened(options: MeiliStandInOptions & { readonly key?: string } = {}) {
    const standIn = new MeiliStandIn(options);
    const url = await standIn.start();
    const open = (name = deployment): MeilisearchIndex => {
      const index = new MeilisearchIndex({ url, key: options.key ?? standIn.key, deployment: name, clock });
      closed.push(() => index.close());
      return index;
    };
    closed.push(() => standIn.stop());
    return { standIn, open, index: open() };
  }

  it('indexes all others where one document is refused, and says which', async () => {
    const { index } = await opened({ refuses: ({ u }) => (u === 'urn:13' ? 'it is the thirteenth' : undefined) });
    const rows = Array.from({ length: 40 }, (_, number) => sampleRow(`urn:${number}`));
    const report = await index.apply({ rows, removed: [], position: { epoch: 'one', vector: [5] } });
    expect(report.refused).toMatchObject([{ tenant: 'acme', urn: 'urn:13' }]);
    expect(report.refused[0]?.problem).toContain('it is the thirteenth');
    const result = await index.search(sampleQuery({ q: 'orders' }));
    expect([result.total.value, result.position]).toEqual([39, { epoch: 'one', vector: [5] }]);
  });

  it('takes a batch of one tenant in two requests, whatever its size', async () => {
    const { index, standIn } = await opened();
    await putRows(index, [sampleRow('urn:a'), sampleRow('urn:b')]);
    standIn.writes.splice(0);
    const rows = Array.from({ length: 500 }, (_, number) => sampleRow(`urn:${number}`));
    const removed = ['urn:a', 'urn:b'].map((urn) => ({ tenant: 'acme', urn, version: 2 }));
    await index.apply({ rows, removed, position: { epoch: 'one', vector: [5] } });
    expect(standIn.writes.map((call) => call.replace(/indexes\/.*_(t|state)_?[0-9a-f]*/, '$1'))).toEqual([
      'POST /t/documents/delete-batch',
      'POST /t/documents',
      'POST /state/documents',
    ]);
  });

  it('shows the position with the documents, and no later one', async () => {
    let taskMs = 0;
    const { index, open } = await opened({ taskMs: () => taskMs });
    await index.apply({ rows: [sampleRow('urn:a')], removed: [], position: { epoch: 'one', vector: [1] } });
    taskMs = 30;
    const reader = open();
    const seen: string[] = [];
    const applied = index.apply({ rows: [sampleRow('urn:b')], removed: [], position: { epoch: 'one', vector: [2] } });
    await eventually(async () => {
      const { hits, position } = await reader.search(sampleQuery({ q: 'orders' }));
      seen.push(`${hits.length} at ${position?.vector.join()}`);
      expect(hits).toHaveLength(2);
    });
    await applied;
    expect([...new Set(seen)]).toEqual(['1 at 1', '2 at 2']);
  });

  it('knows the position that others have reached for tenants of which nothing has changed', async () => {
    const { index, open } = await opened();
    await index.apply({ rows: [sampleRow('urn:a')], removed: [], position: { epoch: 'one', vector: [1] } });
    await index.apply({
      rows: [sampleRow('urn:b', {}, 'globex')],
      removed: [],
      position: { epoch: 'two', vector: [0] },
    });
    expect(await open().search(sampleQuery({ q: 'orders' }))).toMatchObject({
      hits: [{ urn: 'urn:a' }],
      position: { epoch: 'two', vector: [0] },
    });
  });

  it('gives its settings to an index that was left without', async () => {
    const { index, standIn } = await opened();
    // as a process that is killed between two requests
    standIn.losesAnswerTo = 'POST /indexes';
    await expect(putRows(index, [sampleRow('urn:a')])).rejects.toMatchObject({ code: 'storage-unavailable' });
    await putRows(index, [sampleRow('urn:a')]);
    const names = [...standIn.indexes].filter((name) => name.includes('_t_'));
    expect(names.map((name) => standIn.settingsOf(name)?.displayedAttributes)).toEqual([
      documentSettings.displayedAttributes,
    ]);
    standIn.losesAnswerTo = `PATCH /indexes/${names[0]?.replace('_live_', '_next_')}/settings`;
    const build = await index.begin('x');
    await expect(build.apply({ rows: [sampleRow('urn:a')], removed: [] })).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    await build.apply({ rows: [sampleRow('urn:a')], removed: [] });
    await index.adopt('x');
    expect(standIn.settingsOf(names[0] ?? '')?.displayedAttributes).toEqual(documentSettings.displayedAttributes);
  });

  it('fails for all that ask while the server is away, and goes on when it is back', async () => {
    const { index, standIn } = await opened();
    await putRows(index, [sampleRow('urn:a')]);
    standIn.isDown = true;
    for (const attempt of [
      () => index.search(sampleQuery()),
      () => putRows(index, [sampleRow('urn:b')]),
      () => index.position(),
      () => index.count(),
      () => index.begin('x'),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'storage-unavailable' });
    standIn.isDown = false;
    await putRows(index, [sampleRow('urn:b')]);
    expect(urnsOf(await index.search(sampleQuery({ q: 'orders' })))).toHaveLength(2);
  });

  it('says which setting is wrong where the server refuses the key', async () => {
    const { index } = await opened({ key: 'of another server' });
    await expect(index.position()).rejects.toMatchObject({
      code: 'storage-unavailable',
      operatorMessage: expect.stringContaining('PURSIGHT_MEILI_KEY') as unknown,
    });
  });

  it('ends the wait for a task when the time of the writer is over', async () => {
    const { index, open } = await opened({ taskMs: () => 50 });
    await putRows(index, [sampleRow('urn:a')]);
    const claim = new AbortController();
    const applied = index.apply({ rows: [sampleRow('urn:b')], removed: [] }, claim.signal);
    claim.abort(new Error('the claim has ended'));
    await expect(applied).rejects.toThrow('the claim has ended');
    // the next one writes the same again
    await putRows(open(), [sampleRow('urn:b')]);
    expect(await index.count()).toBe(2);
  });

  it('keeps deployments on one server apart, also those whose names are made alike', async () => {
    const { open } = await opened();
    const [one, other] = [open('hub.a'), open('hub-a')];
    await putRows(one, [sampleRow('urn:a')]);
    await other.clear();
    expect([await one.count(), await other.count()]).toEqual([1, 0]);
  });
});
