import { type Job, jobOf, jobText } from '../../channels/jobs/job.ts';
import { isOpen, type JobKey, type JobPart, type JobPartQuery, type JobStore } from '../../channels/ports/job-store.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';

type Tables = Pick<CatalogTables, 'jobs' | 'openJobs' | 'jobParts'>;

const keyOf = ({ tenant, id }: JobKey): string => `${tenant}|${id}`;
const openKeyOf = (job: Job): string => `${job.createdAt}|${keyOf(job)}`;

function partKey(key: JobKey, { series, number }: Pick<JobPart, 'series' | 'number'>): string {
  return `${keyOf(key)}|${series}|${String(number).padStart(9, '0')}`;
}

/** Jobs of the embedded mode. */
export class EmbeddedJobs implements JobStore {
  readonly #environment: EmbeddedEnvironment;
  readonly #tables: Tables;

  constructor(environment: EmbeddedEnvironment, tables: Tables) {
    this.#environment = environment;
    this.#tables = tables;
  }

  put(job: Job, expectedVersion: number, parts: readonly JobPart[] = []): Promise<boolean> {
    const { jobs, openJobs, jobParts } = this.#tables;
    const [key, openKey, text] = [keyOf(job), openKeyOf(job), jobText(job)];
    return this.#environment.transact(() => {
      const stored = jobs.get(key);
      if ((stored === undefined ? 0 : jobOf(stored).version) !== expectedVersion) return false;
      void jobs.put(key, text);
      if (isOpen(job)) void openJobs.put(openKey, key);
      else void openJobs.remove(openKey);
      for (const part of parts) void jobParts.put(partKey(job, part), part.text);
      return true;
    });
  }

  get(key: JobKey): Promise<Job | undefined> {
    return this.#environment.read(() => this.#get(keyOf(key)));
  }

  ofTenant(tenant: string): Promise<readonly Job[]> {
    return this.#environment.read(() =>
      [...this.#tables.jobs.getRange(keysUnder(`${tenant}|`))]
        .map(({ value }) => jobOf(value))
        .toSorted((one, other) => (openKeyOf(one) < openKeyOf(other) ? 1 : -1)),
    );
  }

  open({ tenant, limit }: { readonly tenant?: string; readonly limit: number }): Promise<readonly Job[]> {
    return this.#environment.read(() => {
      const found: Job[] = [];
      for (const { value } of this.#tables.openJobs.getRange()) {
        if (found.length >= limit) break;
        const job = this.#get(value);
        if (job !== undefined && (tenant === undefined || job.tenant === tenant)) found.push(job);
      }
      return found;
    });
  }

  before(updatedAt: string, limit: number): Promise<readonly JobKey[]> {
    return this.#environment.read(() =>
      [...this.#tables.jobs.getRange()]
        .map(({ value }) => jobOf(value))
        .filter((job) => job.updatedAt < updatedAt)
        .slice(0, limit),
    );
  }

  parts(key: JobKey, { series, from, limit }: JobPartQuery): Promise<readonly JobPart[]> {
    return this.#environment.read(() => {
      const found: JobPart[] = [];
      for (let number = from; number < from + limit; number++) {
        const text = this.#tables.jobParts.get(partKey(key, { series, number }));
        if (text === undefined) break;
        found.push({ series, number, text });
      }
      return found;
    });
  }

  async remove(key: JobKey): Promise<void> {
    const { jobs, openJobs, jobParts } = this.#tables;
    await this.#environment.transact(() => {
      const job = this.#get(keyOf(key));
      if (job !== undefined) void openJobs.remove(openKeyOf(job));
      for (const part of [...jobParts.getKeys(keysUnder(`${keyOf(key)}|`))]) void jobParts.remove(part);
      void jobs.remove(keyOf(key));
    });
  }

  #get(key: string): Job | undefined {
    const text = this.#tables.jobs.get(key);
    return text === undefined ? undefined : jobOf(text);
  }
}
