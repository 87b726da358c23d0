import type { Job } from '../jobs/job.ts';

/** `rows`: what came in. `plan`: what a dry run found of them. `results`: what became of them. `urns`: what an export has found. */
export type JobSeries = 'rows' | 'plan' | 'results' | 'urns';

/** A piece of what a job works on, or has made. */
export interface JobPart {
  readonly series: JobSeries;
  /** From 0. */
  readonly number: number;
  readonly text: string;
}

/** Names a job. */
export type JobKey = Pick<Job, 'tenant' | 'id'>;

/** Consecutive parts of a series from a number on. */
export interface JobPartQuery {
  readonly series: JobSeries;
  readonly from: number;
  readonly limit: number;
}

/** Jobs with their parts. Every method rejects with `storage-unavailable`. */
export interface JobStore {
  /**
   * Stores the job and parts of it, in one step and durably, if the stored version is `expectedVersion` (0: there is none). False,
   * without a change, otherwise. A part that is there is replaced.
   */
  put(job: Job, expectedVersion: number, parts?: readonly JobPart[]): Promise<boolean>;
  get(key: JobKey): Promise<Job | undefined>;
  /** Of a tenant, the newest first. */
  ofTenant(tenant: string): Promise<readonly Job[]>;
  /** Those that are received, wait or run, of all tenants unless one is given, the oldest first. */
  open(query: { readonly tenant?: string; readonly limit: number }): Promise<readonly Job[]>;
  /** Not changed since, in any order. */
  before(updatedAt: string, limit: number): Promise<readonly JobKey[]>;
  parts(key: JobKey, query: JobPartQuery): Promise<readonly JobPart[]>;
  /** With all its parts. */
  remove(key: JobKey): Promise<void>;
}

const openStates: ReadonlySet<Job['state']> = new Set(['receiving', 'pending', 'running']);

/** Whether somebody has still to do something about it. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return openStates.has(state);
}
