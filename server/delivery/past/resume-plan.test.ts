import { describe, expect, it } from 'vitest';
import type { Cursor, Mark } from '../../../channels/position/cursor.ts';
import { isOtherLog, planResume, type ResumeQuestion } from './resume-plan.ts';

const cursor = (vector: readonly number[], fields: Partial<Cursor> = {}): Cursor => ({
  epoch: '1',
  vector,
  marks: [],
  ...fields,
});
const question = (fields: Partial<ResumeQuestion>): ResumeQuestion => ({
  cursor: cursor([0, 0]),
  position: cursor([0, 0]),
  floors: [0, 0],
  coverage: () => Promise.reject(new Error('nobody needs the journal')),
  ...fields,
});
const held = (low: number, high: number) => ({ coverage: async () => [{ partition: 0, low, high }] });

describe('planResume', () => {
  it.each([
    ['nothing when nothing happened', cursor([5, 7]), cursor([5, 7]), [9, 9], [], []],
    ['the ring alone when it reaches back', cursor([5, 7]), cursor([9, 7]), [5, 0], [[0, 5, 9]], []],
  ])('reads %s, without asking the journal', async (_name, from, position, floors, ring, journal) => {
    const plan = await planResume(question({ cursor: from, position, floors }));
    const brief = (each: { partition: number; from: number; to: number }) => [each.partition, each.from, each.to];
    expect(plan.ok && [plan.ring.map(brief), plan.journal.map(brief)]).toEqual([ring, journal]);
  });

  it('reads from the journal up to where the ring begins, and the ring from there', async () => {
    const plan = await planResume(question({ cursor: cursor([2]), position: cursor([9]), floors: [6], ...held(0, 6) }));
    expect(plan).toEqual({
      ok: true,
      journal: [{ partition: 0, from: 2, to: 6 }],
      ring: [{ partition: 0, from: 6, to: 9 }],
    });
  });

  it('reads the oldest quarter of the ring from the journal, where the journal is read anyway', async () => {
    const where = { position: cursor([46]), floors: [6] };
    const plan = await planResume(question({ cursor: cursor([2]), ...where, ...held(0, 16) }));
    expect(plan).toEqual({
      ok: true,
      journal: [{ partition: 0, from: 2, to: 16 }],
      ring: [{ partition: 0, from: 16, to: 46 }],
    });
    expect(await planResume(question({ cursor: cursor([7]), ...where }))).toMatchObject({ ok: true, journal: [] });
  });

  it.each([
    ['epoch', { cursor: cursor([0], { epoch: '0' }), position: cursor([0]) }],
    ['epoch', { cursor: cursor([0, 0]), position: cursor([0]) }],
    ['unavailable', { cursor: cursor([5]), position: cursor([4]) }],
    ['unavailable', { cursor: cursor([2]), position: cursor([9]), floors: [6], ...held(0, 5) }],
    ['unavailable', { cursor: cursor([2]), position: cursor([9]), floors: [6], coverage: async () => [] }],
    ['coverage', { cursor: cursor([2]), position: cursor([9]), floors: [6], ...held(3, 6) }],
  ] as [string, Partial<ResumeQuestion>][])('D5: refuses with %s', async (reason, fields) => {
    expect(await planResume(question(fields))).toEqual({ ok: false, reason });
  });
});

describe('isOtherLog', () => {
  const mark: Mark = { offset: 4, hash: 7 };
  const held = cursor([5], { marks: [mark] });

  it('knows the log by the record before the cursor', () => {
    expect(isOtherLog(held, { markBefore: () => ({ ...mark, hash: 8 }) })).toBe(true);
    for (const known of [undefined, mark, { offset: 2, hash: 9 }])
      expect(isOtherLog(held, { markBefore: () => known })).toBe(false);
  });
});
