import type { MongoClient } from 'mongodb';
import { type Job, jobOf, jobText } from '../../channels/jobs/job.ts';
import { isOpen, type JobKey, type JobPart, type JobPartQuery, type JobStore } from '../../channels/ports/job-store.ts';
import type { CatalogCollections, StoredJob, StoredJobPart } from './catalog-collections.ts';
import { isDuplicateKey, translated } from './from-mongo-error.ts';
import { inTransaction } from './mongo-transaction.ts';

type Collections = Pick<CatalogCollections, 'jobs' | 'jobParts'>;

const keyOf = ({ tenant, id }: JobKey): string => `${tenant}|${id}`;

function stored(job: Job): StoredJob {
  const { tenant, createdAt, updatedAt, version } = job;
  return { _id: keyOf(job), tenant, createdAt, updatedAt, version, isOpen: isOpen(job), text: jobText(job) };
}

function storedPart(job: JobKey, { series, number, text }: JobPart): StoredJobPart {
  return { _id: `${keyOf(job)}|${series}|${number}`, job: keyOf(job), series, number, text };
}

/** Jobs in MongoDB. */
export class MongoJobs implements JobStore {
  readonly #client: MongoClient;
  readonly #collections: Collections;

  constructor(client: MongoClient, collections: Collections) {
    this.#client = client;
    this.#collections = collections;
  }

  put(job: Job, expectedVersion: number, parts: readonly JobPart[] = []): Promise<boolean> {
    const { jobs, jobParts } = this.#collections;
    const writes = parts.map((part) => storedPart(job, part));
    return translated(async () => {
      let isDone = false;
      await inTransaction(this.#client, async (session) => {
        const { _id, version: _version } = stored(job);
        const replaced = await jobs.replaceOne({ _id, version: expectedVersion }, stored(job), { session });
        isDone = replaced.matchedCount === 1 || (expectedVersion === 0 && (await this.#isAbsent(_id)));
        if (!isDone) return;
        if (replaced.matchedCount === 0) await jobs.insertOne(stored(job), { session });
        for (const part of writes) await jobParts.replaceOne({ _id: part._id }, part, { session, upsert: true });
      }).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        isDone = false;
      });
      return isDone;
    });
  }

  get(key: JobKey): Promise<Job | undefined> {
    return translated(async () => {
      const found = await this.#collections.jobs.findOne({ _id: keyOf(key) });
      return found === null ? undefined : jobOf(found.text);
    });
  }

  ofTenant(tenant: string): Promise<readonly Job[]> {
    return this.#found({ tenant }, { sort: { createdAt: -1, _id: -1 } });
  }

  open({ tenant, limit }: { readonly tenant?: string; readonly limit: number }): Promise<readonly Job[]> {
    const query = { isOpen: true, ...(tenant === undefined ? {} : { tenant }) };
    return this.#found(query, { sort: { createdAt: 1, _id: 1 }, limit });
  }

  before(updatedAt: string, limit: number): Promise<readonly JobKey[]> {
    return this.#found({ updatedAt: { $lt: updatedAt } }, { limit });
  }

  parts(key: JobKey, { series, from, limit }: JobPartQuery): Promise<readonly JobPart[]> {
    const number = { $gte: from, $lt: from + limit };
    return translated(async () => {
      const rows = this.#collections.jobParts.find({ job: keyOf(key), series, number }, { sort: { number: 1 } });
      return (await rows.toArray()).map(({ number: at, text }) => ({ series, number: at, text }));
    });
  }

  /** The parts first: what is left of one that breaks off is found again. */
  async remove(key: JobKey): Promise<void> {
    await translated(async () => {
      await this.#collections.jobParts.deleteMany({ job: keyOf(key) });
      await this.#collections.jobs.deleteOne({ _id: keyOf(key) });
    });
  }

  async #isAbsent(_id: string): Promise<boolean> {
    return (await this.#collections.jobs.countDocuments({ _id }, { limit: 1 })) === 0;
  }

  #found(...query: Parameters<Collections['jobs']['find']>): Promise<readonly Job[]> {
    return translated(async () =>
      (await this.#collections.jobs.find(...query).toArray()).map(({ text }) => jobOf(text)),
    );
  }
}
