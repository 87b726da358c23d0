import { NewerForm } from '../../channels/forms/form-of.ts';
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { declareForms } from '../../server/node/known-forms.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import type { DamagedRecord } from '../../channels/ports/damaged-record.ts';
import { registerCatalogStoreTests } from '../contract/catalog-store.ts';
import { registerDamageTests } from '../contract/catalog-store-damage.ts';
import { sampleAsset, sampleBatch, sampleEvent } from '../contract/samples.ts';
import { createMongoCatalogStore } from './mongo-catalog-store.ts';

describeWithServices(['mongo'], 'with MongoDB', ({ mongo: url }) => {
  const withDatabase = async <Result>(
    work: (database: string, client: MongoClient) => Promise<Result>,
  ): Promise<Result> => {
    const client = new MongoClient(url);
    const database = `hub-test-${randomUUID()}`;
    try {
      return await work(database, client);
    } finally {
      await client.db(database).dropDatabase();
      await client.close();
    }
  };

  const open = (database: string) => createMongoCatalogStore({ url, database, appName: 'hub-test' });
  const drop = async (database: string): Promise<void> => {
    const client = new MongoClient(url);
    await client.db(database).dropDatabase();
    await client.close();
  };

  registerCatalogStoreTests({
    name: 'mongo',
    create: async () => {
      const database = `hub-test-${randomUUID()}`;
      const store = await open(database);
      return { store, dispose: () => store.close().then(() => drop(database)) };
    },
  });

  registerDamageTests('mongo', async () => {
    const database = `hub-test-${randomUUID()}`;
    const client = new MongoClient(url);
    const reported: DamagedRecord[] = [];
    const onDamaged = (record: DamagedRecord): void => void reported.push(record);
    const store = await createMongoCatalogStore({ url, database, appName: 'hub-test', onDamaged });
    const collection = (name: string) => client.db(database).collection<{ _id: string }>(name);
    const spoil: Readonly<Record<DamagedRecord['kind'], (key: string) => Promise<unknown>>> = {
      outbox: (key) => collection('outbox').updateOne({ 'rows.id': key }, { $set: { 'rows.$.text': '{"cut' } }),
      document: (key) => {
        const properties = [{ key: 'a', json: '{"cut' }];
        return collection('documents').updateOne({ _id: key }, { $set: { properties } });
      },
      'dead-letter': (key) => collection('deadLetters').updateOne({ _id: key }, { $set: { size: '{"cut' } }),
    };
    return {
      store,
      reported,
      damage: async (kind, key) => void (await spoil[kind](key)),
      dispose: async () => {
        await store.close();
        await client.db(database).dropDatabase();
        await client.close();
      },
    };
  });

  // what this process wrote it need not decode; what another one wrote, it must
  registerCatalogStoreTests({
    name: 'mongo, read by another process',
    create: async () => {
      const database = `hub-test-${randomUUID()}`;
      const [store, reader] = await Promise.all([open(database), open(database)]);
      const getMany: CatalogStore['getMany'] = (keys) => reader.getMany(keys);
      const split = new Proxy(store, {
        get: (target, name) => {
          const member = name === 'getMany' ? getMany : (target[name as keyof CatalogStore] as () => unknown);
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
      return { store: split, dispose: () => Promise.all([store.close(), reader.close()]).then(() => drop(database)) };
    },
  });

  describe('mongo catalog store', () => {
    it('R4 begins nothing where a newer release has written', async () => {
      await withDatabase(async (database, client) => {
        const meta = client.db(database).collection<{ _id: string; value: string }>('meta');
        await meta.insertOne({ _id: 'forms', value: '{"catalog":99}' });
        await expect(open(database)).rejects.toThrow(NewerForm);
        const names = (await client.db(database).listCollections().toArray()).map(({ name }) => name);
        expect([names, await meta.countDocuments()]).toEqual([['meta'], 1]);
      });
    });

    it('R4 what a node of the release before writes later is found like the rest', async () => {
      await withDatabase(async (database, client) => {
        const store = await open(database);
        try {
          await declareForms(store);
          const tag = { scheme: 'pii', name: 'iban', origin: 'manual', state: 'confirmed', connector: 'c' } as const;
          const document = sampleAsset('acme', 'urn:a', { classifications: [tag] });
          await store.commit(sampleBatch({ documents: [{ document, expectedVersion: 0 }] }));
          const documents = client.db(database).collection<{ _id: string }>('documents');
          await documents.updateOne({ _id: 'acme|urn:a' }, { $unset: { v: 1, 'head.confirmedTags': 1 } });
          const filter = parseFilter({ confirmedTags: 'pii/iban' });
          const found = async (): Promise<number> =>
            (await store.find({ tenant: 'acme', filter, limit: 10, maxBytes: 1e6 })).documents.length;
          expect(await found()).toBe(0);
          await store.upgradeDocuments();
          expect(await found()).toBe(1);
        } finally {
          await store.close();
        }
      });
    });

    it('is read and written by several processes at once', async () => {
      await withDatabase(async (database) => {
        const [one, two] = await Promise.all([open(database), open(database)]);
        const write = (store: typeof one, name: string) =>
          store.commit(
            sampleBatch({ documents: [{ document: sampleAsset('acme', 'urn:a', { name }), expectedVersion: 0 }] }),
          );
        const results = await Promise.all([write(one, 'one'), write(two, 'two')]);
        expect(results.filter(({ ok }) => ok)).toHaveLength(1);
        const winner = results[0].ok ? 'one' : 'two';
        expect((await two.getMany([{ tenant: 'acme', urn: 'urn:a' }]))[0]?.name).toBe(winner);
        await Promise.all([one.close(), two.close()]);
      });
    });

    it('I4: what one process has published of a commit of another is forgotten, whoever forgets the rest', async () => {
      await withDatabase(async (database, client) => {
        const [writer, other] = await Promise.all([open(database), open(database)]);
        const events = [1, 2, 3].map((version) => sampleEvent(sampleAsset('acme', 'urn:a', { version })));
        const ids = events.map(outboxId);
        await writer.commit(sampleBatch({ outbox: events }));
        await other.outboxRemove(ids.slice(0, 1));
        expect((await writer.outboxPending({ limit: 10 })).rows.map(({ id }) => id)).toEqual(ids.slice(1));
        expect((await other.outboxPending({ limit: 10 })).rows).toHaveLength(2);
        await other.outboxRemove(ids.slice(1, 2));
        await writer.outboxRemove(ids);
        expect(await client.db(database).collection('outbox').countDocuments()).toBe(0);
        await Promise.all([writer.close(), other.close()]);
      });
    });

    it('keeps the events of a commit that is larger than one document of MongoDB may be', async () => {
      await withDatabase(async (database, client) => {
        const store = await open(database);
        const description = 'x'.repeat(7000);
        const events = Array.from({ length: 3000 }, (_, index) =>
          sampleEvent(sampleAsset('acme', `urn:${index}`, { description })),
        );
        expect(await store.commit(sampleBatch({ outbox: events }))).toEqual({ ok: true });
        expect((await store.outboxPending({ limit: 5000 })).rows).toHaveLength(3000);
        await store.outboxRemove(events.map(outboxId));
        expect(await client.db(database).collection('outbox').countDocuments()).toBe(0);
        await store.close();
      });
    });

    it('D1: never believes what it wrote itself: another process may have written since, also the same version', async () => {
      await withDatabase(async (database) => {
        const [one, two] = await Promise.all([open(database), open(database)]);
        const key = { tenant: 'acme', urn: 'urn:a' };
        const write = (store: typeof one, fields: object, expectedVersion: number) =>
          store.commit(
            sampleBatch({ documents: [{ document: sampleAsset('acme', 'urn:a', fields), expectedVersion }] }),
          );
        await write(one, { name: 'one' }, 0);
        expect((await one.getMany([key]))[0]).toMatchObject({ name: 'one', version: 1 });
        await write(two, { name: 'two', version: 2 }, 1);
        expect((await one.getMany([key, { tenant: 'acme', urn: 'urn:none' }]))[0]).toMatchObject({
          name: 'two',
          version: 2,
        });
        await write(one, { name: 'three', version: 3 }, 2);
        await write(two, { name: 'three', version: 3, description: 'no new version' }, 3);
        expect((await one.getMany([key]))[0]).toMatchObject({ version: 3, description: 'no new version' });
        await Promise.all([one.close(), two.close()]);
      });
    });

    it('has an index for the head fields that filters start from, and a TTL index for message ids', async () => {
      await withDatabase(async (database, client) => {
        const store = await createMongoCatalogStore({ url, database, appName: 'hub-test' });
        const keysOf = async (collection: string) =>
          (await client.db(database).collection(collection).indexes()).map(({ key }) => Object.keys(key).join(' '));
        const documents = await keysOf('documents');
        for (const field of ['tags', 'domain', 'owners', 'type'])
          expect(documents).toContain(`tenant head.${field} _id`);
        const [ttl] = (await client.db(database).collection('messages').indexes()).filter(
          ({ expireAfterSeconds }) => expireAfterSeconds === 0,
        );
        expect(ttl?.key).toEqual({ expiresAt: 1 });
        await store.close();
      });
    });

    it('keeps a document readable as a document', async () => {
      await withDatabase(async (database, client) => {
        const store = await createMongoCatalogStore({ url, database, appName: 'hub-test' });
        const document = sampleAsset('acme', 'urn:a', {
          domain: 'sales',
          properties: [
            { key: 'rows', value: 3 },
            { key: 'tree', value: { 'a.b': 1 } },
          ],
        });
        await store.commit(sampleBatch({ documents: [{ document, expectedVersion: 0 }] }));
        const stored = await client
          .db(database)
          .collection<{ _id: string }>('documents')
          .findOne({ _id: 'acme|urn:a' });
        expect(stored).toMatchObject({
          tenant: 'acme',
          urn: 'urn:a',
          version: 1,
          head: { domain: 'sales' },
          properties: [
            { key: 'rows', value: 3 },
            { key: 'tree', json: '{"a.b":1}' },
          ],
        });
        await store.close();
      });
    });

    it('R4: does not touch documents where a newer release has declared another form of them', async () => {
      await withDatabase(async (database, client) => {
        const db = client.db(database);
        const value = JSON.stringify({ document: 99 });
        await db.collection<{ _id: string; value: string }>('meta').insertOne({ _id: 'forms', value });
        await db.collection('documents').insertOne({ head: {} });
        const opened = createMongoCatalogStore({ url, database, appName: 'hub-test' });
        await expect(opened).rejects.toThrow(NewerForm);
        expect(await db.collection('documents').findOne({})).not.toHaveProperty('v');
      });
    });

    it('takes the database from the path of the URL when none is given', async () => {
      await withDatabase(async (database, client) => {
        const withPath = new URL(url);
        withPath.pathname = `/${database}`;
        const store = await createMongoCatalogStore({ url: withPath.href, appName: 'hub-test' });
        await store.putMetaIfAbsent('epoch', 'one');
        expect(await client.db(database).collection('meta').countDocuments()).toBe(1);
        await store.close();
      });
    });

    it('refuses a document larger than MongoDB stores, and writes nothing of the batch', async () => {
      await withDatabase(async (database) => {
        const store = await createMongoCatalogStore({ url, database, appName: 'hub-test' });
        const documents = [
          sampleAsset('acme', 'urn:a'),
          sampleAsset('acme', 'urn:b', { description: 'x'.repeat(17 * 1024 * 1024) }),
        ];
        await expect(
          store.commit(sampleBatch({ documents: documents.map((document) => ({ document, expectedVersion: 0 })) })),
        ).rejects.toMatchObject({ code: 'limit-exceeded' });
        expect(await store.count('acme')).toBe(0);
        await store.close();
      });
    });

    it('says that the server refuses the password', async () => {
      const wrong = new URL(url);
      [wrong.username, wrong.password] = ['nobody', 'secret'];
      const error: unknown = await createMongoCatalogStore({
        url: wrong.href,
        database: 'none',
        appName: 'hub-test',
      }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'config-invalid', message: expect.not.stringContaining('secret') as string });
    });

    it('says that the server cannot be reached', async () => {
      const created = createMongoCatalogStore({
        url: 'mongodb://127.0.0.1:1/',
        database: 'none',
        appName: 'hub-test',
        selectionTimeoutMs: 200,
      });
      await expect(created).rejects.toMatchObject({ code: 'storage-unavailable' });
    });
  });
});
