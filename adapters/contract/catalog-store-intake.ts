import { expect, it } from 'vitest';
import type { CommitBatch, CommitResult } from '../../channels/ports/document-store.ts';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { StoreContext } from './store-context.ts';
import { sampleAsset, sampleBatch, sampleDeadLetter, samplePartial } from './samples.ts';

const ok: CommitResult = { ok: true };
const positionConflict: CommitResult = { ok: false, conflict: 'position' };
const inAnHour = () => Date.now() + 3_600_000;

/** What ingest keeps beside documents: positions, message ids, partial messages, dead letters. */
export function registerIntakeTests(context: StoreContext): void {
  const commit = (parts: Partial<CommitBatch>) => context.store.commit(sampleBatch(parts));
  const position = (next: number, expected: number | null, partition = 0) => ({
    connector: context.tenant,
    topic: 'changes',
    partition,
    next,
    expected,
  });

  it('moves a position only from where it stands', async () => {
    const { store, tenant } = context;
    expect(await commit({ positions: [position(10, null), position(3, null, 1)] })).toEqual(ok);
    expect(await commit({ positions: [position(20, 10)] })).toEqual(ok);
    expect(await commit({ positions: [position(25, 10)] })).toEqual(positionConflict);
    expect(await commit({ positions: [position(25, null)] })).toEqual(positionConflict);
    expect(await commit({ positions: [position(25, 24)] })).toEqual(positionConflict);
    const stored = await store.positionsOf(tenant);
    expect(stored.toSorted((a, b) => a.partition - b.partition)).toEqual([
      { connector: tenant, topic: 'changes', partition: 0, next: 20 },
      { connector: tenant, topic: 'changes', partition: 1, next: 3 },
    ]);
  });

  it('refuses to move a position that was never stored', async () => {
    expect(await commit({ positions: [position(5, 4)] })).toEqual(positionConflict);
    expect(await context.store.positionsOf(context.tenant)).toEqual([]);
  });

  it('keeps positions of connectors with similar names apart', async () => {
    await commit({ positions: [position(1, null), { ...position(2, null), connector: `${context.tenant}-b` }] });
    expect((await context.store.positionsOf(context.tenant)).map(({ next }) => next)).toEqual([1]);
  });

  it.each([null, 10])('lets exactly one of several processes move a position from %s', async (expected) => {
    if (expected !== null) await commit({ positions: [position(expected, null)] });
    const results = await Promise.all(
      [11, 12, 13, 14].map((next) => commit({ positions: [position(next, expected)] })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.filter((result) => !result.ok)).toEqual([positionConflict, positionConflict, positionConflict]);
    expect((await context.store.positionsOf(context.tenant))[0]?.next).toBe(
      [11, 12, 13, 14][results.findIndex((result) => result.ok)],
    );
  });

  it('leaves nothing behind when the position was lost', async () => {
    const { store, tenant } = context;
    await commit({ positions: [position(10, null)] });
    const document = sampleAsset(tenant, 'urn:late');
    const result = await commit({
      positions: [position(12, 9)],
      documents: [{ document, expectedVersion: 0 }],
      deadLetters: [sampleDeadLetter(tenant, 'late')],
    });
    expect(result).toEqual(positionConflict);
    expect(await store.getMany([{ tenant, urn: 'urn:late' }])).toEqual([undefined]);
    expect(await store.deadLetter(tenant, 'late')).toBeUndefined();
  });

  it('I5: takes a message once and names those it knows', async () => {
    const { store, tenant } = context;
    const message = (id: string) => ({ connector: tenant, id, expiresAtMs: inAnHour() });
    expect(await commit({ messageIds: [message('m1'), message('m2')] })).toEqual(ok);
    expect(await commit({ messageIds: [message('m2'), message('m3'), message('m1')] })).toEqual({
      ok: false,
      conflict: 'message',
      ids: ['m2', 'm1'],
    });
    expect(await store.knownMessages(tenant, ['m3', 'm2', 'm1'])).toEqual(['m2', 'm1']);
    expect(await store.knownMessages(`${tenant}-b`, ['m1'])).toEqual([]);
    expect(await store.knownMessages(tenant, [])).toEqual([]);
  });

  it('takes a message that stands twice in one batch', async () => {
    const message = { connector: context.tenant, id: 'twice', expiresAtMs: inAnHour() };
    expect(await commit({ messageIds: [message, message] })).toEqual(ok);
  });

  it('lets exactly one of two concurrent deliveries of a message in', async () => {
    const { tenant } = context;
    const deliver = (urn: string) =>
      commit({
        messageIds: [{ connector: tenant, id: 'm', expiresAtMs: inAnHour() }],
        documents: [{ document: sampleAsset(tenant, urn), expectedVersion: 0 }],
      });
    const results = await Promise.all([deliver('urn:1'), deliver('urn:2')]);
    expect(results.toSorted((a, b) => Number(a.ok) - Number(b.ok))).toEqual([
      { ok: false, conflict: 'message', ids: ['m'] },
      ok,
    ]);
    expect(await context.store.count(tenant)).toBe(1);
  });

  it('forgets message ids whose time has passed, and only those', async () => {
    const { store, tenant } = context;
    const [soon, later] = [inAnHour(), inAnHour() + 60_000];
    await commit({
      messageIds: [
        { connector: tenant, id: 'soon', expiresAtMs: soon },
        { connector: tenant, id: 'later', expiresAtMs: later },
      ],
    });
    await store.expire(soon - 1);
    expect(await store.knownMessages(tenant, ['soon', 'later'])).toEqual(['soon', 'later']);
    await store.expire(soon);
    expect(await store.knownMessages(tenant, ['soon', 'later'])).toEqual(['later']);
    expect(await commit({ messageIds: [{ connector: tenant, id: 'soon', expiresAtMs: later }] })).toEqual(ok);
  });

  it('gathers a partial message under its version', async () => {
    const { store, tenant } = context;
    const first = samplePartial(`${tenant}|m`, { parts: { 0: 'a.b$c' } });
    const second = { ...first, version: 2, parts: { 0: 'a.b$c', 2: 'd' } };
    expect(await commit({ partials: [{ partial: first, expectedVersion: 0 }] })).toEqual(ok);
    expect(await commit({ partials: [{ partial: first, expectedVersion: 0 }] })).toEqual({
      ok: false,
      conflict: 'version',
    });
    expect(await commit({ partials: [{ partial: second, expectedVersion: 1 }] })).toEqual(ok);
    expect(await commit({ partials: [{ partial: { ...second, version: 2 }, expectedVersion: 1 }] })).toEqual({
      ok: false,
      conflict: 'version',
    });
    expect(await store.partialsOf([`${tenant}|none`, `${tenant}|m`])).toEqual([undefined, second]);
    expect(await store.partialsOf([])).toEqual([]);
  });

  it('removes a complete partial message at the expected version only', async () => {
    const { store, tenant } = context;
    const id = `${tenant}|m`;
    await commit({ partials: [{ partial: samplePartial(id), expectedVersion: 0 }] });
    const document = sampleAsset(tenant, 'urn:whole');
    expect(
      await commit({ completedPartials: [{ id, expectedVersion: 2 }], documents: [{ document, expectedVersion: 0 }] }),
    ).toEqual({ ok: false, conflict: 'version' });
    expect(await store.count(tenant)).toBe(0);
    expect(
      await commit({ completedPartials: [{ id, expectedVersion: 1 }], documents: [{ document, expectedVersion: 0 }] }),
    ).toEqual(ok);
    expect(await store.partialsOf([id])).toEqual([undefined]);
    expect(await store.count(tenant)).toBe(1);
    expect(await commit({ completedPartials: [{ id, expectedVersion: 1 }] })).toEqual({
      ok: false,
      conflict: 'version',
    });
    expect(await commit({ partials: [{ partial: samplePartial(id), expectedVersion: 0 }] })).toEqual(ok);
  });

  it('finds partial messages that wait too long, oldest first', async () => {
    const { store, tenant } = context;
    const at = (second: number) => `2001-01-01T00:00:0${second}.000Z`;
    const partials = [3, 1, 2].map((second) => samplePartial(`${tenant}|${second}`, { firstAt: at(second) }));
    await commit({ partials: partials.map((partial) => ({ partial, expectedVersion: 0 })) });
    const ids = async (before: string, limit = 100) =>
      (await store.partialsBefore(before, limit)).filter((id) => id.startsWith(`${tenant}|`));
    expect(await ids(at(3))).toEqual([`${tenant}|1`, `${tenant}|2`]);
    expect(await ids(at(4), 1)).toEqual([`${tenant}|1`]);
    await commit({ completedPartials: [{ id: `${tenant}|1`, expectedVersion: 1 }] });
    expect(await ids(at(3))).toEqual([`${tenant}|2`]);
  });

  it('pages dead letters newest first', async () => {
    const { store, tenant } = context;
    const letter = (id: string, minute: number, connector = 'one') =>
      sampleDeadLetter(tenant, id, { at: `2026-03-01T09:0${minute}:00.000Z`, connector });
    const letters = [
      letter('a', 1),
      letter('b', 5, 'two'),
      letter('c', 3),
      letter('d', 3),
      letter('e', 4),
      letter('f', 2, 'two'),
    ];
    await commit({ deadLetters: letters });
    const page = async (options: Omit<Parameters<typeof store.deadLetters>[0], 'tenant'>) =>
      (await store.deadLetters({ tenant, ...options })).map(({ id }) => id);
    expect(await page({ limit: 10 })).toEqual(['b', 'e', 'd', 'c', 'f', 'a']);
    expect(await page({ limit: 2 })).toEqual(['b', 'e']);
    expect(await page({ limit: 2, after: 'e' })).toEqual(['d', 'c']);
    expect(await page({ limit: 2, after: 'd' })).toEqual(['c', 'f']);
    expect(await page({ limit: 9, after: 'a' })).toEqual([]);
    expect(await page({ limit: 10, connector: 'two' })).toEqual(['b', 'f']);
    expect(await page({ limit: 10, connector: 'two', after: 'b' })).toEqual(['f']);
    expect(await store.deadLetters({ tenant: `${tenant}-b`, limit: 10 })).toEqual([]);
  });

  it('keeps a dead letter whole', async () => {
    const { store, tenant } = context;
    const whole: DeadLetter = sampleDeadLetter(tenant, 'whole', {
      headers: JSON.parse('{"a.b":"1","$x":"2","__proto__":"3"}') as Record<string, string>,
    });
    const tombstone = sampleDeadLetter(tenant, 'tombstone', { bytes: null, origin: { transport: 'http' } });
    await commit({ deadLetters: [whole, tombstone] });
    expect(JSON.stringify(await store.deadLetter(tenant, 'whole'))).toBe(JSON.stringify(whole));
    expect(await store.deadLetter(tenant, 'tombstone')).toEqual(tombstone);
  });

  it('keeps one dead letter however often the message comes, counts and removes it', async () => {
    const { store, tenant } = context;
    const before = await store.deadLetterCount();
    await commit({ deadLetters: [sampleDeadLetter(tenant, 'same')] });
    const again = sampleDeadLetter(tenant, 'same', { attempts: 2, at: '2026-03-02T00:00:00.000Z' });
    await commit({ deadLetters: [again] });
    expect(await store.deadLetterCount()).toBe(before + 1);
    const { bytes: _bytes, headers: _headers, ...summary } = again;
    expect(await store.deadLetters({ tenant, limit: 10 })).toEqual([summary]);
    await store.deadLetterRemove(`${tenant}-b`, 'same');
    expect(await store.deadLetter(tenant, 'same')).toEqual(again);
    await store.deadLetterRemove(tenant, 'same');
    await store.deadLetterRemove(tenant, 'same');
    expect(await store.deadLetter(tenant, 'same')).toBeUndefined();
    expect(await store.deadLetters({ tenant, limit: 10 })).toEqual([]);
    expect(await store.deadLetterCount()).toBe(before);
  });

  it('keeps dead letters for as long, as many and as much as is wanted, for each connector', async () => {
    const { store, tenant } = context;
    const letter = (id: string, minute: number, connector: string, size = 10) =>
      sampleDeadLetter(tenant, id, { at: `2001-03-01T09:0${minute}:00.000Z`, connector, size });
    await commit({
      deadLetters: [
        ...[1, 2, 3, 4].map((minute) => letter(`many-${minute}`, minute, `${tenant}-many`)),
        ...[1, 2, 3, 4].map((minute) => letter(`large-${minute}`, minute, `${tenant}-large`, minute === 3 ? 85 : 10)),
        letter('few', 5, `${tenant}-few`),
      ],
    });
    const limits = { beforeIso: '2001-03-01T09:02:00.000Z', maxCount: 2, maxBytes: 90 };
    const usages = (await store.deadLetterTrim(limits)).filter((usage) => usage.tenant === tenant);
    expect(usages.toSorted((one, other) => (one.connector < other.connector ? -1 : 1))).toEqual([
      { tenant, connector: `${tenant}-few`, count: 1, bytes: 10, expired: 0, displaced: 0 },
      { tenant, connector: `${tenant}-large`, count: 1, bytes: 10, expired: 1, displaced: 2 },
      { tenant, connector: `${tenant}-many`, count: 2, bytes: 20, expired: 1, displaced: 1 },
    ]);
    const left = (await store.deadLetters({ tenant, limit: 10 })).map(({ id }) => id);
    expect(left.toSorted()).toEqual(['few', 'large-4', 'many-3', 'many-4']);
    expect(await store.deadLetter(tenant, 'many-1')).toBeUndefined();
  });

  it('I3: keeps a dead letter as large as one may be, and lists it without its content', async () => {
    const { store, tenant } = context;
    const headers = { h: 'x'.repeat(255 * 1024) };
    const letter = sampleDeadLetter(tenant, 'largest', { bytes: 'A'.repeat((11 * 1024 * 1024 * 4) / 3), headers });
    expect(await commit({ deadLetters: [letter] })).toEqual(ok);
    expect(await store.deadLetter(tenant, 'largest')).toEqual(letter);
    expect(JSON.stringify(await store.deadLetters({ tenant, limit: 10 })).length).toBeLessThan(1000);
    await store.deadLetterRemove(tenant, 'largest');
  });

  it('I2: a position keeps its mark, is refused, and goes on where an operator says', async () => {
    const { store, tenant } = context;
    await commit({ positions: [{ ...position(10, null), mark: 'm10' }, position(3, null, 1)] });
    const stored = { connector: tenant, topic: 'changes', partition: 0, next: 10, mark: 'm10' };
    expect(await store.positionsOf(tenant)).toContainEqual(stored);
    await store.refusePosition({ ...stored, next: 9 }, 'late');
    expect(await store.positionsOf(tenant)).toContainEqual(stored);
    await store.refusePosition(stored, 'another topic');
    expect(await store.positionsOf(tenant)).toContainEqual({ ...stored, refused: 'another topic' });
    await store.resetPositions({ connector: tenant, topic: 'changes' }, [{ partition: 0, next: 7 }]);
    expect(await store.positionsOf(tenant)).toEqual([{ connector: tenant, topic: 'changes', partition: 0, next: 7 }]);
    expect(await commit({ positions: [position(11, 10)] })).toEqual(positionConflict);
    await store.resetPositions({ connector: tenant, topic: 'changes' }, []);
    expect(await store.positionsOf(tenant)).toEqual([]);
    expect(await commit({ positions: [position(1, null)] })).toEqual(ok);
  });

  it('says so when a page should follow a dead letter that is gone', async () => {
    await expect(context.store.deadLetters({ tenant: context.tenant, limit: 1, after: 'gone' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
}
