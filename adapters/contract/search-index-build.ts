import { expect, it } from 'vitest';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import { putRows, sampleQuery, sampleRow, urnsOf } from './search-samples.ts';

const at = (...vector: number[]): { epoch: string; vector: number[] } => ({ epoch: 'one', vector });

/** An index is built beside the one that is searched, and takes its place. */
export function registerSearchBuildTests(opened: () => SearchIndex): void {
  const found = async (q: string, tenant = 'acme') => urnsOf(await opened().search(sampleQuery({ q, tenant })));

  it('R20 shows nothing of a build before it is adopted, and all of it from then on', async () => {
    const index = opened();
    await index.apply({
      rows: [sampleRow('urn:old'), sampleRow('urn:o', {}, 'globex')],
      removed: [],
      position: at(3, 4),
    });
    const build = await index.begin('second');
    await build.apply({ rows: [sampleRow('urn:new')], removed: [], position: at(3, 5) });
    await build.apply({ rows: [sampleRow('urn:n', {}, 'other')], removed: [] });
    expect([await found('orders'), await index.position(), await index.build()]).toEqual([
      ['urn:old'],
      at(3, 4),
      undefined,
    ]);
    await index.adopt('second');
    expect([await found('orders'), await found('orders', 'globex'), await found('orders', 'other')]).toEqual([
      ['urn:new'],
      [],
      ['urn:n'],
    ]);
    expect([await index.position(), await index.build(), await index.count()]).toEqual([at(3, 5), 'second', 2]);
    await index.retire();
    await putRows(index, [sampleRow('urn:new', { version: 2, name: 'invoices' })]);
    expect([await found('invoices'), await found('orders')]).toEqual([['urn:new'], []]);
  });

  it('forgets a build when another begins', async () => {
    const index = opened();
    const first = await index.begin('first');
    await first.apply({ rows: [sampleRow('urn:a')], removed: [], position: at(1) });
    const second = await index.begin('second');
    await second.apply({ rows: [sampleRow('urn:b')], removed: [], position: at(1) });
    await expect(index.adopt('first')).rejects.toMatchObject({ code: 'conflict' });
    await expect(first.apply({ rows: [sampleRow('urn:c')], removed: [] })).rejects.toMatchObject({ code: 'conflict' });
    await index.adopt('second');
    expect(await found('orders')).toEqual(['urn:b']);
  });

  it('adopts a build once, also when it is asked again because the answer was lost', async () => {
    const index = opened();
    const build = await index.begin('one');
    await build.apply({ rows: [sampleRow('urn:a')], removed: [], position: at(1) });
    await index.adopt('one');
    await expect(build.apply({ rows: [sampleRow('urn:b')], removed: [] })).rejects.toMatchObject({ code: 'conflict' });
    await index.adopt('one');
    expect([await found('orders'), await index.build()]).toEqual([['urn:a'], 'one']);
  });

  it('adopts nothing that knows less of the log', async () => {
    const index = opened();
    await index.apply({ rows: [sampleRow('urn:a')], removed: [], position: at(3, 4) });
    const build = await index.begin('behind');
    await expect(index.adopt('behind')).rejects.toMatchObject({ code: 'conflict' });
    await build.apply({ rows: [], removed: [], position: at(4, 3) });
    await expect(index.adopt('behind')).rejects.toMatchObject({ code: 'conflict' });
    expect(await found('orders')).toEqual(['urn:a']);
    await build.apply({ rows: [sampleRow('urn:b')], removed: [], position: at(4, 4) });
    await index.adopt('behind');
    expect(await found('orders')).toEqual(['urn:b']);
  });

  it('passes over what is stale in a build, too', async () => {
    const build = await opened().begin('one');
    const [older, newer] = [1, 2].map((version) => sampleRow('urn:a', { version, name: `v${version}` }));
    if (older === undefined || newer === undefined) throw new Error('two rows');
    await build.apply({ rows: [newer], removed: [], position: at(1) });
    expect(await build.apply({ rows: [older], removed: [] })).toEqual({ stale: 1, refused: [] });
    await opened().adopt('one');
    expect([await found('v1'), await found('v2')]).toEqual([[], ['urn:a']]);
  });

  it('R20 no search sees anything but the whole old or the whole new list while a build is adopted', async () => {
    const index = opened();
    const urns = Array.from({ length: 20 }, (_, number) => `urn:${number}`);
    const listed = async () => urnsOf(await index.search(sampleQuery({ q: 'orders' })));
    await index.apply({ rows: urns.map((urn) => sampleRow(urn)), removed: [], position: at(1) });
    const before = await listed();
    for (const build of ['one', 'two']) {
      const begun = await index.begin(build);
      await begun.apply({ rows: urns.toReversed().map((urn) => sampleRow(urn)), removed: [], position: at(1) });
      let isDone = false;
      const searches = Array.from({ length: 4 }, async () => {
        const seen = new Set<string>();
        while (!isDone) seen.add(JSON.stringify(await listed()));
        return [...seen];
      });
      await index.adopt(build);
      isDone = true;
      // the same documents: nobody notices
      for (const seen of await Promise.all(searches))
        for (const each of seen) expect(each).toBe(JSON.stringify(before));
    }
    expect([before.length, await listed()]).toEqual([20, before]);
  });
}
