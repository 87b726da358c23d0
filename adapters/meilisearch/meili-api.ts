import { setTimeout as pause } from 'node:timers/promises';
import { Meilisearch } from 'meilisearch';
import { z } from 'zod';
import { faultOf, fromMeiliError, readAnswer, unavailable } from './from-meili-error.ts';
import { createMeiliHttp } from './meili-http.ts';

export interface MeiliConnection {
  /** `http://host:7700` */
  readonly url: string;
  readonly key: string;
}

const requestTimeoutMs = 30_000;
/** Somebody waits for it, and the server itself gives up long before. */
const searchTimeoutMs = 8000;
/** A batch takes seconds, settings of a large index minutes. */
const taskTimeoutMs = 15 * 60_000;
const firstPollMs = 10;
const lastPollMs = 50;
const pollGrowth = 1.3;

/** Codes of tasks that failed because of the server, not of what it was given. */
const faultsOfServer = new Set([
  ...['internal', 'no_space_left_on_device', 'database_size_limit_reached', 'too_many_open_files', 'io_error'],
  ...['invalid_store_file', 'index_not_accessible', 'index_not_found'],
]);

const enqueuedSchema = z.object({ taskUid: z.number() });
const taskSchema = z.object({
  status: z.string(),
  error: z.object({ message: z.string(), code: z.string(), type: z.string() }).nullish(),
});
const tasksSchema = z.object({ total: z.number() });
const statsSchema = z.object({ indexes: z.record(z.string(), z.object({ numberOfDocuments: z.number() })) });
const versionSchema = z.object({ pkgVersion: z.string() });

/** How a task ended. */
export type TaskEnd = { readonly ok: true } | { readonly ok: false; readonly problem: string };

interface Call {
  readonly path: string;
  readonly body?: object;
  readonly params?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Requests that this adapter makes, by the official client; answers are read by schemas, faults become those of the hub. */
export class MeiliApi {
  readonly #client: Meilisearch;
  readonly #close: () => void;

  constructor({ url, key }: MeiliConnection) {
    const { request, close } = createMeiliHttp();
    this.#client = new Meilisearch({ host: url, apiKey: key, httpClient: request, timeout: requestTimeoutMs });
    this.#close = close;
  }

  /** Sends what the server does later. Resolves with the number of its task. @throws HubError storage-unavailable */
  async enqueue(method: 'post' | 'patch' | 'delete', call: Call): Promise<number> {
    const answer = await this.#send(method, call);
    return readAnswer(enqueuedSchema, answer).taskUid;
  }

  /** Resolves when the task is done. @throws HubError storage-unavailable if the server is at fault */
  async finished(uid: number, signal?: AbortSignal): Promise<TaskEnd> {
    let waitMs = firstPollMs;
    for (
      const deadline = Date.now() + taskTimeoutMs;
      Date.now() < deadline;
      waitMs = Math.min(lastPollMs, waitMs * pollGrowth)
    ) {
      const { status, error } = readAnswer(taskSchema, await this.#send('get', { path: `tasks/${uid}`, signal }));
      if (status === 'succeeded') return { ok: true };
      if (status === 'failed' || status === 'canceled') return endOf(status, error ?? undefined);
      await pause(waitMs, undefined, signal === undefined ? {} : { signal });
    }
    throw unavailable(`task ${uid} has not ended in ${taskTimeoutMs / 60_000} minutes`);
  }

  /** Resolves when no exchange of names waits in the queue of the server: until then nobody knows what a name will mean. */
  async swapped(signal?: AbortSignal): Promise<void> {
    const params = { types: 'indexSwap', statuses: 'enqueued,processing', limit: '1' };
    for (;;) {
      const { total } = readAnswer(tasksSchema, await this.#send('get', { path: 'tasks', params, signal }));
      if (total === 0) return;
      await pause(lastPollMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Does it, and fails where it cannot be done. @throws HubError storage-unavailable */
  async run(method: 'post' | 'patch' | 'delete', call: Call): Promise<void> {
    const end = await this.finished(await this.enqueue(method, call), call.signal);
    if (!end.ok) throw unavailable(`${call.path}: ${end.problem}`);
  }

  /** undefined if one of the indexes is not there. */
  async multiSearch(queries: readonly object[]): Promise<unknown> {
    return this.#unlessAbsent({ path: 'multi-search', body: { queries } });
  }

  /** Some members of some documents; undefined if the index is not there. */
  async documents(index: string, body: object): Promise<unknown> {
    return this.#unlessAbsent({ path: `indexes/${index}/documents/fetch`, body });
  }

  /** All indexes of the server, with their numbers of documents. */
  async stats(): Promise<ReadonlyMap<string, number>> {
    const { indexes } = readAnswer(statsSchema, await this.#send('get', { path: 'stats' }));
    return new Map(Object.entries(indexes).map(([name, { numberOfDocuments }]) => [name, numberOfDocuments]));
  }

  async version(): Promise<string> {
    return readAnswer(versionSchema, await this.#send('get', { path: 'version' })).pkgVersion;
  }

  close(): void {
    this.#close();
  }

  async #unlessAbsent(call: Call): Promise<unknown> {
    try {
      const extraRequestInit = { signal: AbortSignal.timeout(searchTimeoutMs) };
      return await this.#client.httpRequest.post({ ...call, extraRequestInit });
    } catch (error) {
      if (faultOf(error)?.code === 'index_not_found') return undefined;
      throw fromMeiliError(error);
    }
  }

  async #send(method: 'get' | 'post' | 'patch' | 'delete', { signal, params, ...call }: Call): Promise<unknown> {
    // the client leaves listeners at the signal that it gets, and ours lives for days
    const own = new AbortController();
    const abort = (): void => own.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      return await this.#client.httpRequest[method]({
        ...call,
        ...(params === undefined ? {} : { params }),
        extraRequestInit: { signal: own.signal },
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw fromMeiliError(error);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

function endOf(status: string, error: z.infer<typeof taskSchema>['error']): TaskEnd {
  if (error === null || error === undefined || status === 'canceled') throw unavailable(`a task was ${status}`);
  const problem = `${error.message} (${error.code})`;
  if (faultsOfServer.has(error.code) || error.type === 'internal') throw unavailable(problem);
  return { ok: false, problem };
}
