import { beforeEach, expect, it } from 'vitest';
import type { LogEpoch } from '../../channels/ports/epoch-store.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';
import { createCatalogEpochs } from './catalog-epochs.ts';

let meta: MemoryMeta;
const ready = async (): Promise<boolean> => true;
const wish = (after: string | undefined, partitionCount = 4) => {
  return { after, partitionCount, place: 'here', lost: false, prepare: ready };
};
const names = (epochs: readonly LogEpoch[]): readonly string[] => epochs.map(({ epoch }) => epoch);

beforeEach(() => {
  meta = new MemoryMeta();
});

it('begins with 1 and counts on; everybody sees them in one order', async () => {
  const epochs = createCatalogEpochs(meta);
  expect(await epochs.read()).toBeUndefined();
  expect(await epochs.begin(wish(undefined))).toEqual({
    epoch: '1',
    partitionCount: 4,
    place: 'here',
    after: undefined,
    lost: false,
  });
  expect(await epochs.begin({ ...wish('1', 8), lost: true })).toEqual({
    epoch: '2',
    partitionCount: 8,
    place: 'here',
    after: '1',
    lost: true,
  });
  await epochs.begin(wish('2'));
  expect(await epochs.read()).toMatchObject({ epoch: '3', after: '2' });
  expect(names(await epochs.since('1'))).toEqual(['2', '3']);
  expect(await epochs.since('3')).toEqual([]);
});

it('of several that wish to follow the same epoch one wins, and all are told which', async () => {
  const epochs = createCatalogEpochs(meta);
  await epochs.begin(wish(undefined));
  const found = await Promise.all([8, 8, 16, 32].map((count) => epochs.begin(wish('1', count))));
  expect(new Set(found.map(({ epoch }) => epoch)).size).toBe(1);
  expect(await epochs.since('1')).toEqual([found[0]]);
});

it('changes nothing for a wish that comes too late', async () => {
  const epochs = createCatalogEpochs(meta);
  await epochs.begin(wish(undefined));
  await epochs.begin(wish('1'));
  expect(await epochs.begin(wish('1', 16))).toMatchObject({ epoch: '2', partitionCount: 4 });
});

it('is not in force before its log is prepared, and takes another name where that one cannot be used', async () => {
  const epochs = createCatalogEpochs(meta);
  const seen: (string | undefined)[] = [];
  const begun = await epochs.begin({
    ...wish(undefined),
    prepare: async ({ epoch }) => {
      seen.push(epoch, (await epochs.read())?.epoch);
      return epoch === '3';
    },
  });
  expect(begun.epoch).toBe('3');
  expect(seen).toEqual(['1', undefined, '2', undefined, '3', undefined]);
});

it('stays as it is when the log cannot be prepared', async () => {
  const epochs = createCatalogEpochs(meta);
  await epochs.begin(wish(undefined));
  const failing = { ...wish('1'), prepare: () => Promise.reject(new Error('no right to create topics')) };
  await expect(epochs.begin(failing)).rejects.toThrow('no right');
  expect(await epochs.read()).toMatchObject({ epoch: '1' });
  expect(await epochs.begin(wish('1', 16))).toMatchObject({ partitionCount: 16 });
});

it('names only the one in force where nothing leads to it', async () => {
  const epochs = createCatalogEpochs(meta);
  for (const after of [undefined, '1', '2']) await epochs.begin(wish(after));
  expect(names(await epochs.since('7'))).toEqual(['3']);
});
