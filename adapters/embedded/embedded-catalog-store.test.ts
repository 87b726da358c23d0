import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DamagedRecord } from '../../channels/ports/damaged-record.ts';
import { registerCatalogStoreTests } from '../contract/catalog-store.ts';
import { registerDamageTests } from '../contract/catalog-store-damage.ts';
import { sampleAsset, sampleBatch, sampleEvent } from '../contract/samples.ts';
import { openCatalogTables } from './catalog-tables.ts';
import { createEmbeddedCatalogStore } from './embedded-catalog-store.ts';
import { createEmbeddedEnvironment } from './embedded-environment.ts';

async function openStore(folder: string) {
  const environment = await createEmbeddedEnvironment({ folder });
  return { environment, store: createEmbeddedCatalogStore({ environment }) };
}

registerCatalogStoreTests({
  name: 'embedded',
  create: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-catalog-'));
    const { environment, store } = await openStore(folder);
    return {
      store,
      dispose: async () => {
        await store.close();
        await environment.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

registerDamageTests('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-catalog-'));
  const environment = await createEmbeddedEnvironment({ folder });
  const reported: DamagedRecord[] = [];
  const store = createEmbeddedCatalogStore({ environment, onDamaged: (record) => reported.push(record) });
  const tables = openCatalogTables(environment);
  const spoil: Readonly<Record<DamagedRecord['kind'], (key: string) => void>> = {
    outbox: (key) => void tables.outbox.put(key, '{"cut', Date.now()),
    document: (key) => void tables.documents.put(key, '2~{"cut', 1),
    'dead-letter': (key) => {
      const id = `|${key.split('|').at(-1)}`;
      for (const each of [...tables.deadLetterOrder.getKeys({})])
        if (each.endsWith(id)) void tables.deadLetterOrder.put(each, '{"cut');
      void tables.deadLetters.put(key, '{"cut');
    },
  };
  return {
    store,
    reported,
    damage: (kind, key) => environment.transact(() => spoil[kind](key)),
    dispose: async () => {
      await environment.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('embedded catalog store', () => {
  it('has everything again after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-catalog-'));
    const document = sampleAsset('acme', 'urn:a', { domain: 'sales' });
    const first = await openStore(folder);
    await first.store.commit(
      sampleBatch({ documents: [{ document, expectedVersion: 0 }], outbox: [sampleEvent(document)] }),
    );
    await first.environment.close();
    const second = await openStore(folder);
    expect(await second.store.getMany([{ tenant: 'acme', urn: 'urn:a' }])).toEqual([document]);
    expect(
      await second.store.find({
        tenant: 'acme',
        filter: { op: 'eq', field: 'domain', value: 'sales' },
        limit: 1,
        maxBytes: 1,
      }),
    ).toEqual({ documents: [document], next: undefined });
    expect((await second.store.outboxPending({ limit: 9 })).rows).toHaveLength(1);
    expect(await second.store.commit(sampleBatch({ documents: [{ document, expectedVersion: 0 }] }))).toEqual({
      ok: false,
      conflict: 'version',
    });
    await second.environment.close();
    await rm(folder, { recursive: true });
  });

  it('rejects a urn that no key can hold, and writes nothing of the batch', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-catalog-'));
    const { environment, store } = await openStore(folder);
    const documents = ['urn:a', `urn:${'x'.repeat(4000)}`].map((urn) => ({
      document: sampleAsset('acme', urn),
      expectedVersion: 0,
    }));
    await expect(store.commit(sampleBatch({ documents }))).rejects.toMatchObject({ code: 'limit-exceeded' });
    expect(await store.count('acme')).toBe(0);
    await environment.close();
    await rm(folder, { recursive: true });
  });

  it('rejects with storage-unavailable when the environment is closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-catalog-'));
    const { environment, store } = await openStore(folder);
    await environment.close();
    await expect(store.commit(sampleBatch())).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(store.getMany([{ tenant: 'a', urn: 'b' }])).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'storage-unavailable' });
    await rm(folder, { recursive: true });
  });
});
