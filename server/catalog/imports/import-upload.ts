import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../channels/event/json.ts';
import type { ImportOrder, Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { repeatableOf } from '../resources/repeatable.ts';
import { csvRows } from './csv-rows.ts';
import type { ImportRow } from './import-row.ts';
import { ndjsonRows } from './ndjson-rows.ts';

export interface ImportUploadOptions {
  readonly jobs: Jobs;
  readonly ids: Pick<OpaqueIds, 'request'>;
  readonly turns: Turns;
}

export interface UploadRequest {
  readonly principal: Principal;
  readonly order: ImportOrder;
  /** `Idempotency-Key` */
  readonly key: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Done by a worker between two looks at whether it should go on. */
const partRows = 100;
const partBytes = 64 * 1024;

/** Read at once: a millisecond. */
const sliceBytes = 16 * 1024;

/** A body in pieces that take little time, between which others have their turns. */
async function* slicesOf(
  body: AsyncIterable<Uint8Array>,
  { turns, tenant }: { readonly turns: Turns; readonly tenant: string },
): AsyncGenerator<Uint8Array> {
  for await (const bytes of body)
    for (let from = 0; from < bytes.length; from += sliceBytes) {
      if (turns.isOver) await turns.next(tenant);
      yield bytes.subarray(from, from + sliceBytes);
    }
}

/** Text of a body, part by part; `onBytes` sees what it is made of. @throws HubError invalid-message */
async function* textOf(body: AsyncIterable<Uint8Array>, onBytes: (bytes: Uint8Array) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new HubError('invalid-message', 'body: not UTF-8; save the table as "CSV UTF-8"', { cause });
    }
  };
  for await (const bytes of body) {
    onBytes(bytes);
    yield decoded(bytes);
  }
  yield decoded();
}

/** Rows of imports as they come in: each part of them is durable before more is read. */
export class ImportUpload {
  readonly #options: ImportUploadOptions;

  constructor(options: ImportUploadOptions) {
    this.#options = options;
  }

  /**
   * The job that does the rows, which all are kept then. One with a key that was sent before gets the job of then; of what broke off
   * nothing is done. @throws HubError rate-limited, message-too-large, invalid-message, invalid-request, idempotency-mismatch, conflict
   */
  async receive(request: UploadRequest): Promise<{ readonly job: Job; readonly isRepeated: boolean }> {
    const { principal, order, key, body } = request;
    const { jobs, ids } = this.#options;
    const id = repeatableOf(key, { principal, route: 'POST /v1/imports', body: order }, ids)?.id;
    const known = id === undefined ? undefined : await jobs.known(principal, id);
    const digest = createHash('sha256').update(canonicalJson(order));
    let size = 0;
    const slices = slicesOf(body, { turns: this.#options.turns, tenant: principal.tenant });
    const text = textOf(slices, (bytes) => {
      size += bytes.length;
      if (size > jobs.maxBytes) throw jobs.tooLarge();
      digest.update(bytes);
    });
    if (known !== undefined && known.state !== 'receiving') {
      for await (const _ of text);
      if (known.digest === digest.digest('base64url')) return { job: known, isRepeated: true };
      throw new HubError('idempotency-mismatch', 'idempotency-key: it was used for another import; use a new key');
    }
    const begun = await jobs.begin(principal, order, id);
    return { job: await this.#keep(begun, text, () => digest.digest('base64url')), isRepeated: false };
  }

  /** Nothing is left of one that cannot be read to its end. */
  async #keep(begun: Job, text: AsyncIterable<string>, digestOf: () => string): Promise<Job> {
    let job = begun;
    const { jobs, turns } = this.#options;
    const rowsOf = begun.order.format === 'csv' ? csvRows : ndjsonRows;
    try {
      for await (const part of inParts(rowsOf(text))) {
        await turns.next(job.tenant);
        const event = { kind: 'grew', rows: part.length, bytes: Buffer.byteLength(part.join('\n')) } as const;
        const written = { series: 'rows', number: job.parts, text: part.join('\n') } as const;
        job = owned(await jobs.advance(job, event, [written]));
      }
      return owned(await jobs.advance(job, { kind: 'received', digest: digestOf() }));
    } catch (error) {
      if (!(error instanceof HubError && error.code === 'conflict')) await jobs.remove(job);
      throw error;
    }
  }
}

/** Another request with the same key has taken the job over, or it was cancelled. */
function owned(job: Job | undefined): Job {
  if (job !== undefined) return job;
  throw new HubError('conflict', 'idempotency-key: another request sends the same import, or it was cancelled');
}

async function* inParts(rows: AsyncIterable<ImportRow>): AsyncGenerator<readonly string[]> {
  let [part, bytes]: [string[], number] = [[], 0];
  for await (const row of rows) {
    const text = JSON.stringify(row);
    part.push(text);
    bytes += text.length;
    if (part.length < partRows && bytes < partBytes) continue;
    yield part;
    [part, bytes] = [[], 0];
  }
  if (part.length > 0) yield part;
}
