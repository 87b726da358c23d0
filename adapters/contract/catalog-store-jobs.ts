import { expect, it } from 'vitest';
import { forms } from '../../channels/forms/forms.ts';
import { type Job, jobOf, jobText } from '../../channels/jobs/job.ts';
import type { JobPart } from '../../channels/ports/job-store.ts';
import type { StoreContext } from './store-context.ts';

function sampleJob(tenant: string, id: string, fields: Partial<Job> = {}): Job {
  const at = '2026-05-04T08:00:00.000Z';
  return {
    ...{ tenant, id, version: 1, state: 'pending', createdAt: at, updatedAt: at, parts: 0, done: 0, bytes: 0 },
    owner: { tenant, sub: 'ada', roles: ['steward'], claims: { $team: { 'a.b': 1 } }, expiresAtMs: 1 },
    order: { kind: 'export', format: 'csv', of: 'asset', filter: { domain: { $in: ['a'] } } },
    isCommitted: false,
    progress: { rows: 0, created: 0, updated: 0, unchanged: 0, conflicts: 0, rejected: 0, duplicates: 0 },
    ...fields,
  };
}

const row = (number: number, text = `row ${number}`): JobPart => ({ series: 'rows', number, text });

function jobsOf({ store, tenant }: StoreContext) {
  return { jobs: store.jobs, tenant };
}

/** Work that outlasts its request must survive every process. */
export function registerJobTests(context: StoreContext): void {
  it('S13: keeps a job whole, and changes it at the expected version only', async () => {
    const { jobs, tenant } = jobsOf(context);
    const job = sampleJob(tenant, 'one');
    expect(await jobs.put(job, 1)).toBe(false);
    expect(await jobs.put(job, 0, [row(0), row(1)])).toBe(true);
    expect(await jobs.put(job, 0, [row(0, 'other')])).toBe(false);
    expect(await jobs.get(job)).toEqual(job);
    const next = { ...job, version: 2, state: 'running' as const };
    expect(await jobs.put(next, 2)).toBe(false);
    expect(await jobs.put(next, 1, [row(1, 'again'), row(2)])).toBe(true);
    expect(await jobs.get(job)).toEqual(next);
    expect(await jobs.parts(job, { series: 'rows', from: 0, limit: 10 })).toEqual([row(0), row(1, 'again'), row(2)]);
    expect(await jobs.parts(job, { series: 'rows', from: 1, limit: 1 })).toEqual([row(1, 'again')]);
    expect(await jobs.parts(job, { series: 'plan', from: 0, limit: 1 })).toEqual([]);
    expect(await jobs.get({ tenant: `${tenant}-b`, id: 'one' })).toBeUndefined();
  });

  it('S13: of two that change a job at once one does', async () => {
    const { jobs, tenant } = jobsOf(context);
    const created = await Promise.all([jobs.put(sampleJob(tenant, 'x'), 0), jobs.put(sampleJob(tenant, 'x'), 0)]);
    expect(created.toSorted()).toEqual([false, true]);
    const next = (bytes: number) => jobs.put(sampleJob(tenant, 'x', { version: 2, bytes }), 1);
    expect((await Promise.all([next(1), next(2)])).toSorted()).toEqual([false, true]);
  });

  it('lists the jobs of a tenant, the newest first, and the open ones of all, the oldest first', async () => {
    const { jobs, tenant } = jobsOf(context);
    const at = (minute: number) => `2026-05-04T09:0${minute}:00.000Z`;
    const states = ['done', 'pending', 'receiving', 'running', 'planned', 'failed', 'cancelled'] as const;
    for (const [minute, state] of states.entries())
      await jobs.put(sampleJob(tenant, state, { state, createdAt: at(minute), updatedAt: at(minute) }), 0);
    await jobs.put(sampleJob(`${tenant}-b`, 'foreign', { createdAt: at(9) }), 0);
    expect((await jobs.ofTenant(tenant)).map(({ id }) => id)).toEqual([...states].toReversed());
    const openIds = async (limit: number) => (await jobs.open({ tenant, limit })).map(({ id }) => id);
    expect([await openIds(9), await openIds(2)]).toEqual([
      ['pending', 'receiving', 'running'],
      ['pending', 'receiving'],
    ]);
    expect((await jobs.open({ limit: 1000 })).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['pending', 'foreign']),
    );
    await jobs.put(sampleJob(tenant, 'pending', { state: 'done', version: 2, createdAt: at(1), updatedAt: at(8) }), 1);
    expect(await openIds(9)).toEqual(['receiving', 'running']);
    const older = (await jobs.before(at(3), 1000)).filter((job) => job.tenant === tenant);
    expect(older.map(({ id }) => id).toSorted()).toEqual(['done', 'receiving']);
  });

  it('removes a job with its parts, and no other', async () => {
    const { jobs, tenant } = jobsOf(context);
    const [job, other] = [sampleJob(tenant, 'a'), sampleJob(tenant, 'a2')];
    for (const each of [job, other]) await jobs.put(each, 0, [row(0)]);
    await jobs.remove(job);
    await jobs.remove(job);
    expect([await jobs.get(job), await jobs.parts(job, { series: 'rows', from: 0, limit: 1 })]).toEqual([
      undefined,
      [],
    ]);
    expect(await jobs.get(other)).toEqual(other);
    expect(await jobs.parts(other, { series: 'rows', from: 0, limit: 1 })).toHaveLength(1);
    expect((await jobs.open({ tenant, limit: 9 })).map(({ id }) => id)).toEqual(['a2']);
  });

  it('R4: does not guess what a newer release has stored', () => {
    const text = jobText(sampleJob('t', 'x'));
    expect(jobOf(text)).toEqual(sampleJob('t', 'x'));
    const newer = JSON.stringify({ ...(JSON.parse(text) as object), v: forms.job.reads + 1 });
    expect(() => jobOf(newer)).toThrow(expect.objectContaining({ code: 'storage-unavailable' }));
    expect(() => jobOf('{"v":1}')).toThrow(expect.objectContaining({ code: 'storage-damaged' }));
  });
}
