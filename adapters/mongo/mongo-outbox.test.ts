import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../contract/samples.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import { MongoOutbox, OutboxCommit, type StoredOutboxPack } from './mongo-outbox.ts';

/** Packs in a list, with as much of a collection as removal and look-up by entity use. */
class Packs {
  packs: StoredOutboxPack[] = [];
  /** Awaited when a write is done and its answer is still on its way. */
  beforeAnswer: () => Promise<void> = async () => undefined;

  get collection(): Collection<StoredOutboxPack> {
    return {
      find: () => ({ toArray: async () => structuredClone(this.packs) }),
      bulkWrite: async (operations: readonly AnyBulkWriteOperation<StoredOutboxPack>[]) => {
        for (const operation of operations) this.#do(operation);
        await this.beforeAnswer();
      },
      deleteMany: async () => void (this.packs = this.packs.filter(({ rows }) => rows.length > 0)),
    } as unknown as Collection<StoredOutboxPack>;
  }

  #do(operation: AnyBulkWriteOperation<StoredOutboxPack>): void {
    if ('deleteOne' in operation) {
      const { _id } = operation.deleteOne.filter;
      this.packs = this.packs.filter((pack) => pack._id !== _id);
    } else if ('updateOne' in operation) {
      const { filter, update } = operation.updateOne as unknown as {
        readonly filter: { readonly _id: string };
        readonly update: { readonly $pull: { readonly rows: { readonly id: { readonly $in: readonly string[] } } } };
      };
      const gone = new Set(update.$pull.rows.id.$in);
      this.packs = this.packs.map((pack) =>
        pack._id === filter._id ? { ...pack, rows: pack.rows.filter(({ id }) => !gone.has(id)) } : pack,
      );
    }
  }
}

it('I4: a row is never removed with others of its commit, whoever reads meanwhile', async () => {
  const packs = new Packs();
  const outbox = new MongoOutbox({ db: {} as Db, outbox: packs.collection });
  const events = ['urn:a', 'urn:b', 'urn:c'].map((urn) => sampleEvent(sampleAsset('acme', urn)));
  const commit = new OutboxCommit(events);
  packs.packs = [...commit.packs];
  outbox.remember(commit);
  const [first, second, third] = events.map(outboxId) as [string, string, string];
  const keys = events.map(({ tenant, subject }) => ({ tenant, urn: subject }));
  // the sweep looks while the answer to a removal is on its way
  packs.beforeAnswer = async () => void (await outbox.of(keys));
  await outbox.remove([first]);
  await outbox.remove([second]);
  expect((await outbox.of(keys)).map(({ id }) => id)).toEqual([third]);
  await outbox.remove([third, third]);
  expect(packs.packs).toEqual([]);
});
