import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { DamagedRecord } from '../../channels/ports/damaged-record.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import { sampleAsset, sampleBatch, sampleDeadLetter, sampleEvent } from './samples.ts';

export interface DamageableStore {
  readonly store: CatalogStore;
  /** What the store has reported. */
  readonly reported: readonly DamagedRecord[];
  /** Spoils what is stored under a key, as nothing that speaks to the store could. */
  readonly damage: (kind: DamagedRecord['kind'], key: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

const tenant = 'acme';
const everything = { op: 'and', args: [] } as const;

/** One record that cannot be read hides none of those beside it. */
export function registerDamageTests(name: string, create: () => Promise<DamageableStore>): void {
  describe(`catalog store: ${name}: damaged records`, { timeout: 60_000 }, () => {
    let opened: DamageableStore;
    beforeAll(async () => {
      opened = await create();
    });
    afterAll(() => opened.dispose());
    const reportedOf = (kind: DamagedRecord['kind']): readonly string[] => [
      ...new Set(opened.reported.filter((each) => each.kind === kind).map(({ id }) => id)),
    ];

    it('I4: a row of the outbox that cannot be read holds up the later ones of its entity, and no others', async () => {
      const { store, damage } = opened;
      const event = (urn: string, version = 1) => sampleEvent(sampleAsset(tenant, urn, { version }));
      const events = [event('urn:a'), event('urn:b'), event('urn:b', 2), event('urn:b', 3), event('urn:c')];
      for (const each of events) await store.commit(sampleBatch({ outbox: [each] }));
      const broken = outboxId(event('urn:b', 2));
      await damage('outbox', broken);
      const names = (rows: readonly { readonly event: { readonly id: string } }[]) => rows.map((row) => row.event.id);
      const left = [event('urn:a'), event('urn:b'), event('urn:c')].map(({ id }) => id);
      expect(names((await store.outboxPending({ limit: 100 })).rows)).toEqual(left);
      const paged: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.outboxPending({ limit: 1, ...(after === undefined ? {} : { after }) });
        paged.push(...names(page.rows));
        after = page.next;
      } while (after !== undefined);
      expect(paged).toEqual(expect.arrayContaining(left));
      const entities = ['urn:a', 'urn:b', 'urn:c'].map((urn) => ({ tenant, urn }));
      expect(names(await store.outboxOf(entities))).toEqual(left);
      expect(reportedOf('outbox')).toEqual([broken]);
      await store.outboxRemove([broken]);
      expect(names(await store.outboxOf(entities))).toHaveLength(4);
    });

    it('a dead letter that cannot be read is left out of its page, and goes when it is old', async () => {
      const { store, damage } = opened;
      const at = (minute: number) => `2026-03-01T09:0${minute}:00.000Z`;
      const letter = (id: string, minute: number) => sampleDeadLetter(tenant, id, { at: at(minute) });
      await store.commit(sampleBatch({ deadLetters: [letter('a', 1), letter('b', 2), letter('c', 3)] }));
      await damage('dead-letter', `${tenant}|b`);
      const page = async (query: object = {}) =>
        (await store.deadLetters({ tenant, limit: 2, ...query })).map(({ id }) => id);
      expect(await page()).toEqual(['c', 'a']);
      expect(await page({ after: 'c' })).toEqual(['a']);
      expect(reportedOf('dead-letter')).toHaveLength(1);
      const limits = { maxCount: 100, maxBytes: 1e9 };
      await store.deadLetterTrim({ ...limits, beforeIso: at(2) });
      expect([await page(), await store.deadLetterCount()]).toEqual([['c'], 2]);
      await store.deadLetterTrim({ ...limits, beforeIso: at(3) });
      expect([await page(), await store.deadLetterCount()]).toEqual([['c'], 1]);
    });

    it('a dead letter that cannot be read is replaced when its message fails again', async () => {
      const { store, damage } = opened;
      const letter = sampleDeadLetter(tenant, 'again', { at: '2026-04-01T09:00:00.000Z' });
      await store.commit(sampleBatch({ deadLetters: [letter] }));
      await damage('dead-letter', `${tenant}|again`);
      await store.commit(sampleBatch({ deadLetters: [letter] }));
      const found = await store.deadLetters({ tenant, limit: 10 });
      expect(found.filter(({ id }) => id === 'again')).toHaveLength(1);
      await store.deadLetterRemove(tenant, 'again');
    });

    it('a document that cannot be read is left out of its page', async () => {
      const { store, damage } = opened;
      const urns = ['urn:d1', 'urn:d2', 'urn:d3', 'urn:d4'];
      const documents = urns.map((urn) => ({ document: sampleAsset(tenant, urn), expectedVersion: 0 }));
      await store.commit(sampleBatch({ documents }));
      await damage('document', `${tenant}|urn:d2`);
      const found: string[] = [];
      let after: string | undefined = '';
      do {
        const query = { tenant, filter: everything, afterUrn: after, limit: 2, maxBytes: 1e6 };
        const page = await store.find(query);
        found.push(...page.documents.map(({ urn }) => urn));
        after = page.next;
      } while (after !== undefined);
      expect(found).toEqual(['urn:d1', 'urn:d3', 'urn:d4']);
      expect(reportedOf('document')).toEqual([`${tenant}|urn:d2`]);
    });
  });
}
