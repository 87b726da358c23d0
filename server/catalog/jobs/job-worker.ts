import { NewerForm } from '../../../channels/forms/form-of.ts';
import type { Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { Clock, Stopwatch } from '../../../channels/ports/clock.ts';
import type { JobPart, JobStore } from '../../../channels/ports/job-store.ts';
import type { Leases } from '../../../channels/ports/lease.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { LeaseHolder } from '../../following/lease-holder.ts';
import type { Logger } from '../../observability/logger.ts';
import type { WatchedLoop } from '../../observability/progress-watch.ts';
import type { Part } from '../../part/part.ts';
import { every, type Loop } from '../../turns/every.ts';
import type { JobEvent } from './job-state.ts';
import type { Jobs } from './jobs.ts';

/** What a worker has done of a job, to be stored in one step. */
export interface JobStep {
  readonly event: Extract<JobEvent, { readonly kind: 'stepped' }>;
  readonly parts: readonly JobPart[];
}

/** Does the next part of a job; undefined: there is none. The same part again, after a crash, has the same effect. @throws HubError */
export type WorkOn = (job: Job) => Promise<JobStep | undefined>;

export interface JobWorkerOptions {
  readonly store: JobStore;
  readonly jobs: Jobs;
  readonly steps: Readonly<Record<Job['order']['kind'], WorkOn>>;
  /** @throws HubError token-revoked */
  readonly assertGood: (owner: Principal) => Promise<void>;
  readonly leases: Leases;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  /** This node has to stop. */
  readonly onNewer: (error: NewerForm) => void;
  readonly retentionMs: number;
  readonly everyMs?: number;
}

/** Jobs at once, of as many tenants. */
const atOnce = 4;
const openAtOnce = 500;
/** Without a row for so long nobody sends any more. */
const receivingMs = 600_000;
const roundsPerSweep = 120;
const sweptAtOnce = 100;
const maxFaults = 5;

/** Of all workers the one that holds the lease does the jobs that wait, part by part, one of a tenant at a time. */
export class JobWorker implements Part {
  readonly #options: JobWorkerOptions;
  readonly #holder: LeaseHolder;
  /** By tenant. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #faults = new Map<string, number>();
  #loop: Loop | undefined;
  #isStopping = false;
  #steps = 0;
  #rounds = 0;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    const lease = options.leases.lease('jobs');
    this.#holder = new LeaseHolder({ ...options, lease, name: 'the jobs', keepTo: async () => undefined });
  }

  get watched(): readonly WatchedLoop[] {
    return [{ name: 'jobs', waits: () => this.#running.size > 0, progress: () => this.#steps }];
  }

  start(): void {
    this.#holder.start();
    const onFault = (error: unknown): void => {
      if (error instanceof NewerForm) this.#options.onNewer(error);
      this.#options.logger.warn({ error }, 'jobs could not be looked up; it will be retried');
    };
    this.#loop = every(this.#options.everyMs ?? 500, () => this.#round(), { onFault });
  }

  /** Another worker goes on with what is begun. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#holder.end();
    await this.#loop?.stop();
    await Promise.all(this.#running.values());
    await this.#holder.release();
  }

  async #round(): Promise<void> {
    const claim = this.#holder.claim;
    if (claim === undefined || this.#isStopping) return;
    for (const job of await this.#options.store.open({ limit: openAtOnce })) {
      if (job.state === 'receiving') await this.#forgetIfLate(job);
      else this.#begin(job, claim);
    }
    if (this.#rounds++ % roundsPerSweep === 0) await this.#sweep();
  }

  #begin(job: Job, claim: AbortSignal): void {
    const { tenant } = job;
    if (this.#running.has(tenant) || this.#running.size >= atOnce) return;
    const work = this.#work(job, claim).finally(() => this.#running.delete(tenant));
    this.#running.set(tenant, work);
  }

  /** Never rejects. */
  async #work(begun: Job, claim: AbortSignal): Promise<void> {
    const { jobs, steps, assertGood } = this.#options;
    let job: Job | undefined = begun;
    try {
      while (job !== undefined && !claim.aborted && !this.#isStopping) {
        await assertGood(job.owner);
        const step: JobStep | undefined = await steps[job.order.kind](job);
        this.#steps += 1;
        this.#faults.delete(job.id);
        // undefined: it was cancelled, or another worker has it
        const next: Job | undefined = await jobs.advance(job, step?.event ?? { kind: 'ended' }, step?.parts);
        if (step === undefined) return;
        job = next;
      }
    } catch (thrown) {
      if (job !== undefined) await this.#failed(job, HubError.from(thrown));
    }
  }

  /** What passes is tried again with the next round. */
  async #failed(job: Job, error: HubError): Promise<void> {
    const { jobs, logger } = this.#options;
    const { tenant, id } = job;
    const faults = (this.#faults.get(id) ?? 0) + 1;
    const mayPass = error.retryable && (error.code !== 'internal' || faults < maxFaults);
    logger.warn({ error, tenant, id, faults }, mayPass ? 'a job is tried again' : 'a job has failed');
    if (mayPass) return void this.#faults.set(id, faults);
    this.#faults.delete(id);
    const { code, message } = error;
    await jobs
      .advance(job, { kind: 'failed', error: { code, message } })
      .catch((fault: unknown) => logger.warn({ error: fault, tenant, id }, 'a failed job could not be marked'));
  }

  async #forgetIfLate(job: Job): Promise<void> {
    const { clock, store, logger } = this.#options;
    if (Date.parse(job.updatedAt) > clock.now() - receivingMs) return;
    logger.info({ tenant: job.tenant, id: job.id }, 'an import was removed, because its rows stopped coming');
    await store.remove(job);
  }

  async #sweep(): Promise<void> {
    const { clock, store, retentionMs } = this.#options;
    const before = new Date(clock.now() - retentionMs).toISOString();
    for (const key of await store.before(before, sweptAtOnce)) await store.remove(key);
  }
}
