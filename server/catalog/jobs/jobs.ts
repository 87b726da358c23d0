import { randomUUID } from 'node:crypto';
import type { Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { Clock } from '../../../channels/ports/clock.ts';
import { isOpen, type JobKey, type JobPart, type JobStore } from '../../../channels/ports/job-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Logger } from '../../observability/logger.ts';
import { type JobEvent, jobAfter, noProgress } from './job-state.ts';

export interface JobLimits {
  /** Of the rows of one, or of what it has found. */
  readonly maxBytes: number;
  /** Of what is kept of those of a tenant that have ended. */
  readonly keptBytes: number;
}

export interface JobsOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: JobLimits;
  readonly logger: Logger;
}

/** That are not ended. */
const atOnce = { perPrincipal: 2, perTenant: 8 } as const;
const keptJobs = 1000;
/** Of the record of a job. */
const leastBytes = 1024;
const retryAfterMs = 5000;
const maxAttempts = 20;

/** Imports and exports of people: who may have how many, and what happens to them. */
export class Jobs {
  readonly #options: JobsOptions;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Of the rows of one, or of what it has found. */
  get maxBytes(): number {
    return this.#options.limits.maxBytes;
  }

  tooLarge(): HubError {
    return new HubError('message-too-large', `job: has more than ${this.maxBytes} bytes; divide it`);
  }

  /** A new job; with the id of one that is still received it begins anew. @throws HubError rate-limited, conflict */
  async begin(owner: Principal, order: Job['order'], id: string = randomUUID()): Promise<Job> {
    const { store } = this.#options;
    const { tenant } = owner;
    const before = await store.get({ tenant, id });
    const now = this.#nowIso();
    const job: Job = {
      ...{ tenant, id, version: (before?.version ?? 0) + 1, owner: { ...owner, roles: [...owner.roles] }, order },
      state: order.kind === 'import' ? 'receiving' : 'pending',
      ...{ createdAt: before?.createdAt ?? now, updatedAt: now, parts: 0, done: 0, bytes: leastBytes },
      ...{ isCommitted: false, progress: noProgress },
    };
    if (!(await store.put(job, before?.version ?? 0))) throw busy();
    try {
      // counted when it is stored, so that of several at once there are never too many
      await this.#assertFew(job);
    } catch (error) {
      await this.remove(job);
      throw error;
    }
    await this.#makeRoom(tenant);
    return job;
  }

  /** One that somebody has begun. @throws HubError not-found for whatever else */
  async find({ tenant, sub }: Principal, id: string): Promise<Job> {
    const job = await this.#options.store.get({ tenant, id });
    if (job !== undefined && job.owner.sub === sub) return job;
    throw new HubError('not-found', 'id: it does not exist, or is not yours');
  }

  /** undefined: there is none. */
  known({ tenant }: Principal, id: string): Promise<Job | undefined> {
    return this.#options.store.get({ tenant, id });
  }

  /** Those of somebody, the newest first. */
  async list({ tenant, sub }: Principal, limit: number): Promise<readonly Job[]> {
    const all = await this.#options.store.ofTenant(tenant);
    return all.filter(({ owner }) => owner.sub === sub).slice(0, limit);
  }

  /** Whoever works on it notices. @throws HubError job-conflict, not-found, rate-limited where it waits for a worker again */
  async tell(principal: Principal, id: string, event: JobEvent): Promise<Job> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const job = await this.find(principal, id);
      const next = jobAfter(job, event, this.#nowIso());
      if (next === job) return job;
      if (isOpen(next) && !isOpen(job)) await this.#assertFew(next);
      if (await this.#options.store.put(next, job.version)) return next;
    }
    throw busy();
  }

  /** The job after what its worker has done; undefined where somebody else has changed it meanwhile. @throws HubError message-too-large */
  async advance(job: Job, event: JobEvent, parts: readonly JobPart[] = []): Promise<Job | undefined> {
    const next = jobAfter(job, event, this.#nowIso());
    if (next.parts > job.parts && next.bytes > this.maxBytes) throw this.tooLarge();
    return (await this.#options.store.put(next, job.version, parts)) ? next : undefined;
  }

  remove(key: JobKey): Promise<void> {
    return this.#options.store.remove(key);
  }

  /** Whether one more, or one that counts already, is not too many. @throws HubError rate-limited */
  async #assertFew(job: Job): Promise<void> {
    const { tenant, id, owner } = job;
    const open = await this.#options.store.open({ tenant, limit: 2 * atOnce.perTenant });
    const others = open.filter((each) => each.id !== id);
    const own = others.filter((each) => each.owner.sub === owner.sub).length;
    if (own < atOnce.perPrincipal && others.length < atOnce.perTenant) return;
    const problem =
      own >= atOnce.perPrincipal
        ? `you already have ${atOnce.perPrincipal} jobs that have not ended`
        : `your tenant already has ${atOnce.perTenant} jobs that have not ended`;
    throw new HubError('rate-limited', problem, { retryAfterMs });
  }

  /** The newest of a tenant are kept. */
  async #makeRoom(tenant: string): Promise<void> {
    const ended = (await this.#options.store.ofTenant(tenant)).filter((job) => !isOpen(job));
    let bytes = 0;
    for (const [index, job] of ended.entries()) {
      bytes += job.bytes;
      if (index < keptJobs && bytes <= this.#options.limits.keptBytes) continue;
      this.#options.logger.warn({ tenant, id: job.id }, 'a tenant is over its quota of jobs; the oldest were removed');
      await this.remove(job);
    }
  }

  #nowIso(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function busy(): HubError {
  return new HubError('conflict', 'id: another request changes the same job; retry', { retryAfterMs: 1000 });
}
