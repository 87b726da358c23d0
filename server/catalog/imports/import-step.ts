import type { RowOutcome } from '../../../channels/contract/job-schema.ts';
import { rowOutcomeSchema } from '../../../channels/contract/job-schema.ts';
import type { Job, JobProgress } from '../../../channels/jobs/job.ts';
import type { JobSeries, JobStore } from '../../../channels/ports/job-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { inGroups } from '../in-groups.ts';
import { isPlanning } from '../jobs/job-state.ts';
import type { JobStep, WorkOn } from '../jobs/job-worker.ts';
import { type ImportRow, rowsIn } from './import-row.ts';
import type { RowCommands } from './row-commands.ts';

export interface ImportStepOptions {
  readonly store: JobStore;
  readonly rows: RowCommands;
  readonly turns: Turns;
}

const counted = {
  ...{ create: 'created', update: 'updated', unchanged: 'unchanged' },
  ...{ conflict: 'conflicts', rejected: 'rejected', duplicate: 'duplicates' },
} as const satisfies Record<RowOutcome['result'], keyof JobProgress>;

function progressAfter(before: JobProgress, outcomes: readonly RowOutcome[]): JobProgress {
  const after = { ...before };
  for (const { result } of outcomes) after[counted[result]] += 1;
  return after;
}

/** The outcomes of a part. */
export function outcomesIn(text: string): readonly RowOutcome[] {
  return text.split('\n').map((line) => rowOutcomeSchema.parse(JSON.parse(line)));
}

/** What would change is content of the catalog, which is judged when it is shown: it is not kept. */
function textOf(outcomes: readonly RowOutcome[]): string {
  return outcomes.map(({ changes: _changes, ...outcome }) => JSON.stringify(outcome)).join('\n');
}

/** Of the same number in a series; undefined if there is none. */
export async function partText(
  store: Pick<JobStore, 'parts'>,
  job: Job,
  series: JobSeries,
  number: number,
): Promise<string | undefined> {
  return (await store.parts(job, { series, from: number, limit: 1 }))[0]?.text;
}

/** Imports: a part of the rows at a time. Those of one asset are done in their order. */
export function importStep({ store, rows, turns }: ImportStepOptions): WorkOn {
  const outcomesOf = async (job: Job, text: string): Promise<readonly RowOutcome[]> => {
    const plan = job.isCommitted ? await partText(store, job, 'plan', job.done) : undefined;
    const planned = new Map((plan === undefined ? [] : outcomesIn(plan)).map((outcome) => [outcome.line, outcome]));
    const one = (row: ImportRow): Promise<RowOutcome> =>
      isPlanning(job) ? rows.plan(job, row) : rows.apply(job, row, planned.get(row.line));
    return inGroups(
      rowsIn(text),
      ({ urn }, index) => urn ?? index,
      async (group) => {
        const results: [number, RowOutcome][] = [];
        for (const { index, item } of group) results.push([index, await one(item)]);
        return results;
      },
    );
  };
  return async (job): Promise<JobStep | undefined> => {
    const text = job.done < job.parts ? await partText(store, job, 'rows', job.done) : undefined;
    if (text === undefined) return undefined;
    await turns.next(job.tenant);
    const outcomes = await outcomesOf(job, text);
    const series = isPlanning(job) ? 'plan' : 'results';
    const written = { series, number: job.done, text: textOf(outcomes) } as const;
    const progress = progressAfter(job.progress, outcomes);
    return { event: { kind: 'stepped', progress, bytes: Buffer.byteLength(written.text) }, parts: [written] };
  };
}
