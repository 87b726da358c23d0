import { expect, it } from 'vitest';
import { NewerForm } from '../../channels/forms/form-of.ts';
import { forms } from '../../channels/forms/forms.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';
import { declareForms } from './known-forms.ts';
import { createCatalogEpochs } from './catalog-epochs.ts';
import { stoppingOnNewer, tellingNewer } from './stop-on-newer.ts';

const written = Object.fromEntries(Object.entries(forms).map(([kind, { writes }]) => [kind, writes]));

async function storedAfter(meta: MemoryMeta): Promise<unknown> {
  await declareForms(meta);
  return JSON.parse((await meta.getMeta('forms')) ?? '') as unknown;
}

it('R4 says what this release writes, and raises what an older one said', async () => {
  const meta = new MemoryMeta();
  expect(await storedAfter(meta)).toEqual(written);
  expect(await storedAfter(meta)).toEqual(written);
  const older = new MemoryMeta();
  await older.putMetaIfAbsent('forms', JSON.stringify({ event: 1, ofOthers: 7 }));
  expect(await storedAfter(older)).toEqual({ ...written, ofOthers: 7 });
});

it('R4 does not begin where a newer release has written what this one does not read', async () => {
  const newer = new MemoryMeta();
  const text = JSON.stringify({ ...written, document: forms.document.reads + 1 });
  await newer.putMetaIfAbsent('forms', text);
  await expect(declareForms(newer)).rejects.toThrow(NewerForm);
  expect(await newer.getMeta('forms')).toBe(text);
});

it.each(['"99"', '{"v":99}', 'null', '0', '-1', '1.5', '[]'])(
  'R4 does not guess what the version %s is',
  async (version) => {
    const odd = new MemoryMeta();
    const text = `{"catalog":${version}}`;
    await odd.putMetaIfAbsent('forms', text);
    await expect(declareForms(odd)).rejects.toThrow(NewerForm);
    expect(await odd.getMeta('forms')).toBe(text);
  },
);

it.each(['garbage', '[]', '7', 'null'])('R4 says what is damaged where the versions are %s', async (text) => {
  const damaged = new MemoryMeta();
  await damaged.putMetaIfAbsent('forms', text);
  await expect(declareForms(damaged)).rejects.toMatchObject({
    code: 'storage-damaged',
    message: expect.stringContaining('the setting forms'),
  });
});

it('R4 a newer epoch of the log stops the node, too', async () => {
  const meta = new MemoryMeta();
  await meta.putMetaIfAbsent('epoch', '2');
  await meta.putMetaIfAbsent('epoch.2', JSON.stringify({ v: forms.epoch.reads + 1, partitions: 8 }));
  const told: NewerForm[] = [];
  const epochs = tellingNewer(createCatalogEpochs(meta), (error) => told.push(error));
  await expect(epochs.read()).rejects.toThrow(NewerForm);
  expect(told).toHaveLength(1);
});

it('R4 whoever meets such a record in the storage, the node is told, and the caller too', async () => {
  const told: NewerForm[] = [];
  class Store {
    readonly #failing = new NewerForm('document', 99);
    async getMany(): Promise<never> {
      throw this.#failing;
    }
    async ping(): Promise<void> {
      throw new Error('away');
    }
  }
  const { store } = stoppingOnNewer({ store: new Store(), journal: new Store() } as never, (error) => told.push(error));
  await expect(store.ping()).rejects.toThrow('away');
  expect(told).toEqual([]);
  await expect(store.getMany([])).rejects.toThrow(NewerForm);
  expect(told).toEqual([expect.any(NewerForm)]);
});
