import { expect, it } from 'vitest';
import { documentKey } from '../../channels/catalog/document.ts';
import type { CommitBatch } from '../../channels/ports/document-store.ts';
import type { OutboxRow } from '../../channels/ports/outbox.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import type { StoreContext } from './store-context.ts';
import { eventually } from './eventually.ts';
import { sampleAsset, sampleBatch, sampleEvent } from './samples.ts';

/** Events that wait to be published. */
export function registerOutboxTests(context: StoreContext): void {
  const commit = (parts: Partial<CommitBatch>) => context.store.commit(sampleBatch(parts));

  it('lists unpublished events in version order within each entity until they are removed', async () => {
    const { tenant, store } = context;
    const versions = [9, 10, 11].map((version) => sampleAsset(tenant, 'urn:a', { version }));
    for (const document of versions.toReversed()) await commit({ outbox: [sampleEvent(document)] });
    await commit({ outbox: [sampleEvent(sampleAsset(tenant, 'urn:a|0')), sampleEvent(sampleAsset(tenant, 'urn:b'))] });
    const own = async () =>
      (await store.outboxPending({ limit: 1000 })).rows.filter(({ event }) => event.tenant === tenant);
    const versionsOf = async (urn: string) =>
      (await own()).filter(({ event }) => event.subject === urn).map(({ event }) => event.data.version);
    expect(await versionsOf('urn:a')).toEqual([9, 10, 11]);
    expect(await store.outboxOf([{ tenant, urn: 'urn:a' }])).toEqual(
      versions.map((document) => ({ id: outboxId(sampleEvent(document)), event: sampleEvent(document) })),
    );
    await store.outboxRemove([
      ...versions.slice(0, 2).map((document) => outboxId(sampleEvent(document))),
      'unknown|id|000000000001',
    ]);
    expect(await versionsOf('urn:a')).toEqual([11]);
    expect((await own()).map(({ event }) => event.subject).toSorted()).toEqual(['urn:a', 'urn:a|0', 'urn:b']);
    expect(await store.outboxOf([])).toEqual([]);
  });

  it('I4: forgets some events of a commit and keeps the others', async () => {
    const { tenant, store } = context;
    const events = [1, 2, 3, 4].map((version) => sampleEvent(sampleAsset(tenant, 'urn:some', { version })));
    await commit({ outbox: events });
    const left = async () =>
      (await store.outboxOf([{ tenant, urn: 'urn:some' }])).map(({ event }) => event.data.version);
    await store.outboxRemove([outboxId(events[1]!), outboxId(events[2]!)]);
    expect(await left()).toEqual([1, 4]);
    await store.outboxRemove([outboxId(events[0]!)]);
    await store.outboxRemove([outboxId(events[0]!), outboxId(events[3]!)]);
    expect(await left()).toEqual([]);
  });

  const subjectsOf = (rows: readonly OutboxRow[]): readonly string[] =>
    rows.filter(({ event }) => event.tenant === context.tenant).map(({ event }) => event.subject);

  it('I4: what was stored a moment ago is left to whoever stored it, whatever time its events have', async () => {
    const { tenant, store } = context;
    const hourMs = 3_600_000;
    for (const ms of [Date.now() - hourMs, Date.now() + hourMs])
      await commit({
        outbox: [sampleEvent(sampleAsset(tenant, `urn:${ms}`), { recordedtime: new Date(ms).toISOString() })],
      });
    expect(subjectsOf((await store.outboxPending({ limit: 1000, minAgeMs: hourMs })).rows)).toEqual([]);
    const later = async (): Promise<void> => {
      const { rows } = await store.outboxPending({ limit: 1000, minAgeMs: 1000 });
      expect(subjectsOf(rows)).toHaveLength(2);
    };
    await eventually(later, 10_000);
  });

  it('I4: pages through unpublished events; many of one entity do not hide those of others', async () => {
    const { tenant, store } = context;
    const held = Array.from({ length: 30 }, (_, index) =>
      sampleEvent(sampleAsset(tenant, 'urn:held', { version: index + 1 })),
    );
    for (const event of held) await commit({ outbox: [event] });
    await commit({
      outbox: [
        sampleEvent(sampleAsset(tenant, 'urn:other')),
        sampleEvent(sampleAsset(tenant, 'urn:held', { version: 31 })),
      ],
    });
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.outboxPending({ limit: 10, ...(after === undefined ? {} : { after }) });
      found.push(...subjectsOf(page.rows));
      after = page.next;
    } while (after !== undefined);
    expect(found.filter((subject) => subject === 'urn:held')).toHaveLength(31);
    expect(found).toContain('urn:other');
    const except = new Set([documentKey(tenant, 'urn:held')]);
    expect(subjectsOf((await store.outboxPending({ limit: 1000, except })).rows)).toEqual(['urn:other']);
  });

  it('pages of unpublished events are bounded in size, too', async () => {
    const { tenant, store } = context;
    const description = 'x'.repeat(4_000_000);
    for (let index = 0; index < 5; index++)
      await commit({ outbox: [sampleEvent(sampleAsset(tenant, `urn:large-${index}`, { description }))] });
    let after: string | undefined;
    const found: string[] = [];
    do {
      const page = await store.outboxPending({ limit: 1000, ...(after === undefined ? {} : { after }) });
      expect(page.rows.reduce((sum, { event }) => sum + JSON.stringify(event).length, 0)).toBeLessThan(20_000_000);
      found.push(...subjectsOf(page.rows));
      after = page.next;
    } while (after !== undefined);
    expect(found).toHaveLength(5);
    await store.outboxRemove((await store.outboxOf(found.map((urn) => ({ tenant, urn })))).map(({ id }) => id));
  });

  it('says how much is unpublished, and since when', async () => {
    const { tenant, store } = context;
    const before = await store.outboxState();
    await commit({ outbox: [1, 2].map((version) => sampleEvent(sampleAsset(tenant, 'urn:counted', { version }))) });
    expect(await store.outboxState()).toMatchObject({ rows: before.rows + 2 });
    await eventually(async () => expect((await store.outboxState()).oldestAgeMs).toBeGreaterThan(0), 10_000);
  });
}
