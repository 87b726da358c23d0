import type { Job, JobProgress, JobState } from '../../../channels/jobs/job.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';

/** What happens to a job. */
export type JobEvent =
  /** Part of its rows has come in. */
  | { readonly kind: 'grew'; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'received'; readonly digest: string }
  /** A worker has done a part of it, or has found one. */
  | {
      readonly kind: 'stepped';
      readonly progress: JobProgress;
      readonly bytes: number;
      readonly found?: { readonly parts: number; readonly after: string };
    }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: NonNullable<Job['error']> }
  | { readonly kind: 'cancelled' }
  /** Somebody wants what was planned. */
  | { readonly kind: 'committed' };

export const noProgress: JobProgress = {
  ...{ rows: 0, created: 0, updated: 0, unchanged: 0, conflicts: 0, rejected: 0, duplicates: 0 },
};

/** Whether what a worker does with its rows is only to say what would be done. */
export function isPlanning({ order, isCommitted }: Pick<Job, 'order' | 'isCommitted'>): boolean {
  return order.kind === 'import' && order.dryRun && !isCommitted;
}

function refused({ state }: Job, problem: string): HubError {
  return new HubError('job-conflict', `id: the job is ${state}; ${problem}`);
}

const hasEnded: ReadonlySet<JobState> = new Set(['done', 'failed']);

function cancelled(job: Job): Job {
  if (job.state === 'cancelled') return job;
  if (hasEnded.has(job.state)) throw refused(job, 'what has ended cannot be cancelled');
  return { ...job, state: 'cancelled' };
}

function committed(job: Job): Job {
  if (job.isCommitted && job.state !== 'cancelled') return job;
  if (job.state !== 'planned') throw refused(job, 'a dry run can be committed when it is planned');
  const progress = { ...noProgress, rows: job.progress.rows };
  return { ...job, state: 'pending', isCommitted: true, done: 0, progress };
}

function changed(job: Job, event: JobEvent): Job {
  switch (event.kind) {
    case 'grew': {
      const progress = { ...job.progress, rows: job.progress.rows + event.rows };
      return { ...job, parts: job.parts + 1, bytes: job.bytes + event.bytes, progress };
    }
    case 'received':
      return { ...job, state: 'pending', digest: event.digest };
    case 'stepped': {
      const { progress, bytes, found } = event;
      return { ...job, ...found, state: 'running', done: job.done + 1, bytes: job.bytes + bytes, progress };
    }
    case 'ended':
      return { ...job, state: isPlanning(job) ? 'planned' : 'done' };
    case 'failed':
      return { ...job, state: 'failed', error: event.error };
    case 'cancelled':
      return cancelled(job);
    case 'committed':
      return committed(job);
  }
}

/** The job after an event: itself where that says nothing new. @throws HubError job-conflict for what cannot happen to it now */
export function jobAfter(job: Job, event: JobEvent, nowIso: string): Job {
  const next = changed(job, event);
  return next === job ? job : { ...next, version: job.version + 1, updatedAt: nowIso };
}
