import { afterEach } from 'vitest';
import type { CallOptions, EmbeddedAssetWorld, HttpAnswer } from './asset-world.ts';
import { eventually } from './eventually.ts';

/** Lines of JSON, less the last one, which says that these are all. */
export function linesOf({ text }: HttpAnswer): readonly Readonly<Record<string, unknown>>[] {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const end = lines.pop();
  if (end?.['end'] !== true || end['count'] !== lines.length) throw new Error(`no end: ${text.slice(-300)}`);
  return lines;
}

/** Imports and exports of a world, as somebody sends and follows them. */
export function bulkOf(shop: { readonly world: EmbeddedAssetWorld }) {
  const workers: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });
  const bulk = {
    /** A worker of the test that runs; it stops before the world closes. */
    work(node?: string) {
      const worker = shop.world.worker(node);
      workers.push(worker);
      return worker;
    },
    send: (
      format: 'csv' | 'ndjson',
      body: string | Uint8Array,
      { query = '', ...options }: CallOptions & { query?: string } = {},
    ) => shop.world.call('POST', `/v1/imports?format=${format}${query}`, { ...options, body }),
    async ended({ body, status }: HttpAnswer, options: CallOptions = {}) {
      if (status >= 300) throw new Error(JSON.stringify(body));
      let job: Readonly<Record<string, unknown>> = {};
      await eventually(async () => {
        job = (await shop.world.call('GET', `/v1/jobs/${String(body['id'])}`, options)).body;
        if (!['planned', 'done', 'failed', 'cancelled'].includes(String(job['state']))) throw new Error('it goes on');
      });
      return job;
    },
    async resultsOf({ body }: Pick<HttpAnswer, 'body'>, options: CallOptions = {}) {
      return linesOf(await shop.world.call('GET', `/v1/imports/${String(body['id'])}/results`, options));
    },
    commit: ({ body }: Pick<HttpAnswer, 'body'>, options: CallOptions = {}) =>
      shop.world.call('POST', `/v1/jobs/${String(body['id'])}/commit`, options),
  };
  return bulk;
}
