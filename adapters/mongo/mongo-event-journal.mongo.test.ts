import { randomUUID } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import { TcpProxy } from '../../test/harness/tcp-proxy.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { registerEventJournalTests } from '../contract/event-journal.ts';
import { eventually } from '../contract/eventually.ts';
import { offsets } from '../contract/journal-context.ts';
import { registerLeaseTests } from '../contract/leases.ts';
import { batch, sampleEpoch, sampleRecord } from '../contract/journal-samples.ts';
import { journalCollections, toStoredEvent } from './journal-collections.ts';
import { createMongoEventJournal } from './mongo-event-journal.ts';

describeWithServices(['mongo'], 'with MongoDB', ({ mongo: url }) => {
  const open = async (through: string, database: string): Promise<EventJournal & Leases> =>
    createMongoEventJournal({ url: through, database, appName: 'hub-test', selectionTimeoutMs: 500 });

  const proxied = async (): Promise<{ readonly proxy: TcpProxy; readonly through: string }> => {
    const target = new URL(url);
    const proxy = new TcpProxy(target.hostname, Number(target.port));
    return { proxy, through: `mongodb://127.0.0.1:${await proxy.listen()}/?directConnection=true` };
  };

  const drop = async (database: string): Promise<void> => {
    const client = new MongoClient(url);
    await client.db(database).dropDatabase();
    await client.close();
  };

  const create = async () => {
    const database = `hub-test-${randomUUID()}`;
    const { proxy, through } = await proxied();
    const journal = await open(through, database);
    const second = await open(url, database);
    return {
      journal,
      leases: journal,
      second,
      cut: async () => proxy.cut(),
      dispose: async () => {
        await Promise.all([journal.close(), second.close()]);
        proxy.close();
        await drop(database);
      },
    };
  };
  registerEventJournalTests({ name: 'mongo', runs: 15, create });
  registerLeaseTests('mongo', create);

  describe('mongo event journal', () => {
    const database = `hub-test-${randomUUID()}`;
    let journal: EventJournal;
    let client: MongoClient;
    let db: Db;
    beforeEach(async () => {
      client = await new MongoClient(url).connect();
      db = client.db(database);
      journal = await open(url, database);
    });
    afterEach(async () => {
      await journal.close();
      await client.close();
      await drop(database);
    });

    const query = { epoch: sampleEpoch, partition: 0, from: 0, to: 1e6, tenant: 'acme', limit: 1000 };
    const high = async (): Promise<number | undefined> => (await journal.coverage(sampleEpoch))[0]?.high;

    it('has an index for terms, one for entities, and no other', async () => {
      const indexes = await db.collection('events').indexes();
      expect(indexes.map(({ key }) => key)).toEqual([{ _id: 1 }, { terms: 1, offset: 1 }, { entity: 1, version: -1 }]);
      expect(indexes.filter(({ unique }) => unique === true).map(({ key }) => key)).toEqual([
        { entity: 1, version: -1 },
      ]);
    });

    it('keeps the index entries of a term short, however long the term', async () => {
      const record = sampleRecord({ offset: 0, urn: `urn:${'x'.repeat(900)}`, domain: 'd'.repeat(900) });
      await journal.write([{ epoch: sampleEpoch, partition: 0, from: 0, to: 1, records: [record] }]);
      const stored = await db.collection('events').findOne({});
      expect(stored?.['terms']).toHaveLength(4);
      expect(JSON.stringify({ ...stored, text: '' }).length).toBeLessThan(400);
    });

    it('looks only at the rows that it gives', async () => {
      const records = Array.from({ length: 400 }, (_, offset) => {
        const [each, version] = [offset % 40, Math.floor(offset / 40) + 1];
        return sampleRecord({ offset, urn: `urn:${each}`, version, owners: [`o${each}`] });
      });
      await journal.write([{ epoch: sampleEpoch, partition: 0, from: 0, to: 400, records }]);
      await db.command({ profile: 2 });
      const terms = Array.from({ length: 3 }, (_, index) => ({ field: 'owners', value: `o${index}` }));
      expect(await journal.read({ ...query, terms, limit: 5 })).toHaveLength(5);
      expect(await journal.latest(sampleEpoch, 'acme', ['urn:3', 'urn:4', 'urn:none'])).toHaveLength(2);
      await db.command({ profile: 0 });
      const ran = await db
        .collection('system.profile')
        .find({ ns: `${database}.events` })
        .toArray();
      expect(ran.map(({ docsExamined }) => Number(docsExamined)).filter((count) => count > 6)).toEqual([]);
      expect(ran.map(({ hasSortStage }) => hasSortStage === true)).toEqual(ran.map(() => false));
      expect(ran.length).toBeGreaterThanOrEqual(3);
    });

    it('gives no row of another tenant or partition that shares a term number', async () => {
      await journal.write([batch(0, 3), batch(0, 3, { partition: 1, tenant: 'globex' })]);
      const { events } = journalCollections(db);
      const [row] = await events.find({ tenant: 'acme' }).toArray();
      await events.updateMany({}, { $set: { terms: row?.terms ?? [] } });
      expect(offsets(await journal.read(query))).toEqual([0, 1, 2]);
      expect((await journal.read(query)).every(({ event }) => event.tenant === 'acme')).toBe(true);
    });

    it('raises the coverage before it removes anything', async () => {
      await journal.write([batch(0, 3)]);
      await db.command({ profile: 2 });
      await journal.retain(1002, 100);
      await db.command({ profile: 0 });
      const ran = await db
        .collection('system.profile')
        .find({}, { sort: { ts: 1 } })
        .toArray();
      const changes = ran.filter(({ op }) => op === 'update' || op === 'remove');
      expect(changes.map(({ op, ns }) => `${op} ${String(ns).slice(database.length + 1)}`)).toEqual([
        'update journalCoverage',
        'remove events',
      ]);
    });

    it('leaves what its coverage has not reached: another writer may be about to promise it', async () => {
      await journal.write([batch(0, 3)]);
      const { events } = journalCollections(db);
      const rows = [3, 4].map((offset) => toStoredEvent(sampleEpoch, sampleRecord({ offset })));
      await events.insertMany(rows);
      expect(await journal.retain(9e15, 100)).toBe(3);
      await journal.write([batch(3, 5)]);
      expect(offsets(await journal.read(query))).toEqual([3, 4]);
    });

    it('promises nothing that it could not write', async () => {
      const { proxy, through } = await proxied();
      const broken = await open(through, database);
      await broken.write([batch(0, 3)]);
      proxy.cut();
      await expect(broken.write([batch(3, 6)])).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(await high()).toBe(3);
      proxy.restore();
      await eventually(() => broken.write([batch(3, 6)]));
      expect(await high()).toBe(6);
      await broken.close();
      proxy.close();
    });

    it.each([1, 2000, 100_000, 300_000, 500_000])(
      'promises only what it has when the connection breaks after %i bytes',
      async (bytes) => {
        const { proxy, through } = await proxied();
        const broken = await open(through, database);
        proxy.breakAfter(bytes);
        await broken.write([batch(0, 400)]).catch(() => undefined);
        const reached = await high();
        const rows = await db.collection('events').countDocuments();
        if (reached !== undefined) expect([reached, rows]).toEqual([400, 400]);
        await eventually(() => broken.write([batch(0, 400)]));
        expect(offsets(await journal.read(query))).toEqual(Array.from({ length: 400 }, (_, offset) => offset));
        await broken.close();
        proxy.close();
      },
    );

    it('says that the server cannot be reached', async () => {
      await expect(open('mongodb://127.0.0.1:1/', 'none')).rejects.toMatchObject({ code: 'storage-unavailable' });
    });
  });
});
