import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { TcpProxy } from '../../test/harness/tcp-proxy.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { sampleAsset, sampleBatch, sampleEvent } from '../contract/samples.ts';
import { createMongoCatalogStore } from './mongo-catalog-store.ts';

describeWithServices(['mongo'], 'mongo catalog store in an outage', ({ mongo }) => {
  const database = `hub-test-${randomUUID()}`;
  let proxy: TcpProxy;
  let store: CatalogStore;

  beforeEach(async () => {
    const target = new URL(mongo);
    proxy = new TcpProxy(target.hostname, Number(target.port));
    const port = await proxy.listen();
    store = await createMongoCatalogStore({
      url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
      database,
      appName: 'hub-test',
      selectionTimeoutMs: 500,
    });
  });
  afterEach(async () => {
    proxy.restore();
    await store.close();
    proxy.close();
    const client = new MongoClient(mongo);
    await client.db(database).dropDatabase();
    await client.close();
  });

  const document = sampleAsset('acme', 'urn:a');
  const batch = sampleBatch({ documents: [{ document, expectedVersion: 0 }], outbox: [sampleEvent(document)] });
  const unavailable = { code: 'storage-unavailable', retryable: true };

  it('rejects with storage-unavailable within bounds, and goes on when the server is back', async () => {
    await store.ping();
    proxy.cut();
    const startedMs = Date.now();
    await expect(store.getMany([{ tenant: 'acme', urn: 'urn:a' }])).rejects.toMatchObject(unavailable);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    await expect(store.commit(batch)).rejects.toMatchObject(unavailable);
    expect(Date.now() - startedMs).toBeLessThan(20_000);
    proxy.restore();
    await eventually(() => store.ping());
    expect(await store.getMany([{ tenant: 'acme', urn: 'urn:a' }])).toEqual([undefined]);
    expect(await store.commit(batch)).toEqual({ ok: true });
  }, 60_000);

  it.each([1, 1000, 30_000, 200_000, 400_000, 600_000])(
    'commits all or nothing when the connection breaks after %i bytes',
    async (bytes) => {
      const documents = Array.from({ length: 300 }, (_, i) => sampleAsset('acme', `urn:cut:${i}`));
      const big = sampleBatch({
        documents: documents.map((each) => ({ document: each, expectedVersion: 0 })),
        outbox: documents.map((each) => sampleEvent(each)),
      });
      proxy.breakAfter(bytes);
      const outcome = await store.commit(big).catch((error: unknown) => error);
      await eventually(() => store.ping());
      const held = [await store.count('acme'), (await store.outboxPending({ limit: 1000 })).rows.length];
      // A broken connection may hide from the store that the commit got through; it must not halve it.
      if (outcome instanceof Error)
        expect([
          [0, 0],
          [300, 300],
        ]).toContainEqual(held);
      else expect([outcome, held]).toEqual([{ ok: true }, [300, 300]]);
    },
    60_000,
  );
});
