import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ordersUrn as urn } from '../../../test/harness/asset-fixture.ts';
import type { HttpAnswer } from '../../../test/harness/asset-world.ts';
import { bulkOf } from '../../../test/harness/bulk-world.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';

const shop = ordersWorld();
const bulk = bulkOf(shop);
const { read, etagOf } = shop;

const table = async (role = 'steward') =>
  (await shop.world.call('GET', '/v1/assets', { role, headers: { accept: 'text/csv' } })).text;
const rows = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const dryRun = { query: '&dryRun=true' };

describe('an import of lines', () => {
  it('S13 does each row as a request of its own, guarded by its etag', async () => {
    bulk.work();
    await shop.world.scan({ type: 'table', name: 'customers', domain: 'retail' }, 'urn:gov:warehouse:customers');
    const sent = await bulk.send(
      'ndjson',
      rows(
        { urn, etag: await etagOf(), description: 'one', owners: { ada: {}, bob: null } },
        { urn, etag: '"other"', description: 'two' },
        { urn: 'urn:gov:warehouse:customers', domain: 'retail' },
        { name: 'Report', type: 'dashboard' },
        { urn: 'urn:nothing', description: 'x' },
        { urn, name: 'x' },
      ) + 'nonsense\n\n["x"]\n{"urn":7}',
    );
    expect(sent).toMatchObject({ status: 202, headers: { location: `/v1/jobs/${String(sent.body['id'])}` } });
    expect(await bulk.ended(sent)).toMatchObject({
      ...{ kind: 'import', format: 'ndjson', dryRun: false, state: 'done' },
      progress: { rows: 9, created: 1, updated: 1, unchanged: 1, conflicts: 1, rejected: 5, duplicates: 0 },
    });
    const results = await bulk.resultsOf(sent);
    expect(
      results.map(({ line, result, problem }) => [line, (problem as { code: string } | undefined)?.code ?? result]),
    ).toEqual([
      ...[
        [1, 'update'],
        [2, 'precondition-failed'],
        [3, 'unchanged'],
        [4, 'create'],
        [5, 'not-found'],
        [6, 'forbidden'],
      ],
      ...[
        [7, 'invalid-json'],
        [9, 'invalid-json'],
        [10, 'invalid-request'],
      ],
    ]);
    expect(results[0]).toMatchObject({ urn, etag: await etagOf(), event: expect.any(String) });
    expect((await read()).body).toMatchObject({ description: 'one', owners: [{ id: 'ada' }] });
    const made = String(results[3]?.['urn']);
    expect(await shop.world.call('GET', `/v1/assets/${encodeURIComponent(made)}`)).toMatchObject({
      body: { name: 'Report' },
    });
  });

  it('S13 that is sent again with its key is the same, and another one with that key is refused', async () => {
    const key = { headers: { 'idempotency-key': 'monday' } };
    const text = rows({ name: 'Report', type: 'dashboard' });
    const [sent, again] = [await bulk.send('ndjson', text, key), await bulk.send('ndjson', text, key)];
    expect([sent.status, again.status, again.headers['idempotency-replayed']]).toEqual([202, 200, 'true']);
    expect(again.body['id']).toBe(sent.body['id']);
    expect(await bulk.send('ndjson', rows({ name: 'Other', type: 'report' }), key)).toMatchObject({
      ...{ status: 422, code: 'idempotency-mismatch' },
    });
    bulk.work();
    await bulk.ended(sent);
    const { body } = await shop.world.call('GET', '/v1/assets?filter={"type":"dashboard"}');
    expect(body['assets']).toHaveLength(1);
  });

  it("S13 is somebody's own", async () => {
    const sent = await bulk.send('ndjson', rows({ urn, description: 'x' }), dryRun);
    const path = `/v1/jobs/${String(sent.body['id'])}`;
    const other = { sub: 'eve' };
    for (const [method, where] of [
      ['GET', path],
      ['DELETE', path],
      ['POST', `${path}/commit`],
      ['GET', `/v1/imports/${String(sent.body['id'])}/results`],
    ] as const)
      expect(await shop.world.call(method, where, other)).toMatchObject({ status: 404, code: 'not-found' });
    expect((await shop.world.call('GET', '/v1/jobs', other)).body).toEqual({ jobs: [] });
    expect((await shop.world.call('GET', '/v1/jobs', { ...other, tenant: 'b', sub: 'ada' })).body).toEqual({
      jobs: [],
    });
    expect((await shop.world.call('GET', '/v1/jobs')).body['jobs']).toHaveLength(1);
  });

  it('S13 two at once are enough', async () => {
    for (const description of ['one', 'two']) await bulk.send('ndjson', rows({ urn, description }));
    const third = await bulk.send('ndjson', rows({ urn, description: 'three' }));
    expect(third).toMatchObject({ status: 429, code: 'rate-limited', headers: { 'retry-after': '5' } });
    bulk.work();
    await eventually(async () => {
      expect(await bulk.send('ndjson', rows({ urn, description: 'three' }))).toMatchObject({ status: 202 });
    });
  });

  it('S13 two at once are enough, also of those that were planned', async () => {
    const worker = bulk.work();
    const planned: HttpAnswer[] = [];
    for (let line = 0; line < 3; line++) {
      const sent = await bulk.send('ndjson', rows({ urn, description: `${line}` }), dryRun);
      await bulk.ended(sent);
      planned.push(sent);
    }
    await worker.stop();
    const statuses: number[] = [];
    for (const each of [...planned, ...planned]) statuses.push((await bulk.commit(each)).status);
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);
  });

  it('S13 is cancelled in between, and only once', async () => {
    const sent = await bulk.send('ndjson', rows({ urn, description: 'x' }));
    const path = `/v1/jobs/${String(sent.body['id'])}`;
    for (let time = 0; time < 2; time++)
      expect(await shop.world.call('DELETE', path)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    bulk.work();
    const next = await bulk.send('ndjson', rows({ urn, description: 'y' }));
    await bulk.ended(next);
    expect((await read()).body).toMatchObject({ description: 'y' });
    expect(await bulk.resultsOf(sent)).toEqual([]);
    expect(await shop.world.call('DELETE', `/v1/jobs/${String(next.body['id'])}`)).toMatchObject({
      code: 'job-conflict',
    });
    expect(await shop.world.call('POST', `${path}/commit`)).toMatchObject({ status: 409, code: 'job-conflict' });
  });

  it('S13 of two workers one does it, and one that goes on does no row twice', async () => {
    const creations = Array.from({ length: 250 }, (_, index) => ({ name: `Report ${index}`, type: 'report' }));
    const sent = await bulk.send('ndjson', rows(...creations));
    const first = bulk.work('w1');
    bulk.work('w2');
    await eventually(async () => {
      const { progress } = (await shop.world.call('GET', `/v1/jobs/${String(sent.body['id'])}`)).body;
      expect((progress as { created: number }).created).toBeGreaterThan(0);
    });
    await first.stop();
    const { progress } = await bulk.ended(sent);
    expect(progress).toMatchObject({ rows: 250, created: 250, duplicates: 0 });
    const { body } = await shop.world.call('GET', '/v1/assets?limit=1000&filter={"type":"report"}');
    expect(body['assets']).toHaveLength(250);
  });

  it('S13 a part that was done and not counted is known', async () => {
    const sent = await bulk.send(
      'ndjson',
      rows({ urn, etag: await etagOf(), description: 'x' }, { name: 'R', type: 'r' }),
    );
    const key = { tenant: 'acme', id: String(sent.body['id']) };
    const before = await shop.world.store.jobs.get(key);
    bulk.work();
    await bulk.ended(sent);
    const after = await shop.world.store.jobs.get(key);
    // as if the worker had ended right after the rows
    await shop.world.store.jobs.put({ ...before!, version: after!.version + 1 }, after!.version);
    await eventually(async () => {
      const { state, progress } = (await shop.world.call('GET', `/v1/jobs/${key.id}`)).body;
      expect([state, progress]).toMatchObject(['done', { rows: 2, duplicates: 2, created: 0, conflicts: 0 }]);
    });
    expect((await shop.world.call('GET', '/v1/assets?filter={"type":"r"}')).body['assets']).toHaveLength(1);
  });

  it('S13 has the rights that its owner has then', async () => {
    const sent = await bulk.send('ndjson', rows({ urn, description: 'x' }));
    shop.world.policy.replace({ version: 1, roles: { steward: [{ allow: 'read' }] } });
    bulk.work();
    expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { rejected: 1 } });
    shop.world.revoked.add('ada');
    const late = await bulk.send('ndjson', rows({ urn, description: 'x' }));
    expect(await bulk.ended(late)).toMatchObject({ state: 'failed', error: { code: 'token-revoked' } });
  });
});

describe('an import of a table', () => {
  it('S14 that comes back as it went out changes nothing', async () => {
    await shop.patch({
      description: '=1+1\n"x"',
      owners: { 'a;b': {}, ops: { type: 'group' } },
      terms: { balance: {} },
    });
    bulk.work();
    const sent = await bulk.send('csv', await table());
    expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { rows: 1, unchanged: 1 } });
  });

  it('S14 writes what was edited, not over newer work, and nothing that its author does not see', async () => {
    await shop.world.scan({ type: 'table', name: 'secret', domain: 'hr' }, 'urn:hidden');
    const edited = (await table('own')).replace('from the source', "'=A1").replace('bob', 'ada;group:ops');
    bulk.work();
    const own = { role: 'own' };
    const hidden = 'urn:hidden,"""x""",,,,,stolen,,,\r\n';
    const sent = await bulk.send('csv', `${edited}${hidden}urn:nothing,*,,,,,stolen,,,\r\n`, own);
    await bulk.ended(sent, own);
    const [first, seen, unseen] = await bulk.resultsOf(sent, own);
    expect(first).toMatchObject({ line: 2, result: 'update', urn });
    expect([seen?.['problem'], seen?.['result']]).toEqual([unseen?.['problem'], 'rejected']);
    expect((await read()).body).toMatchObject({
      ...{
        description: '=A1',
        owners: [
          { id: 'ada', type: 'user' },
          { id: 'ops', type: 'group' },
        ],
      },
    });
    const again = await bulk.send('csv', edited.replace('ada', 'eve'), own);
    expect(await bulk.ended(again, own)).toMatchObject({ progress: { conflicts: 1, updated: 0 } });
  });

  it('is refused as a whole where its columns or quotes are not understood, and nothing is left of it', async () => {
    const refused = async (text: string | Uint8Array) => {
      const { status, code, message } = await bulk.send('csv', text);
      return [status, code, message];
    };
    expect(await refused('urn,color\n')).toEqual([
      400,
      'invalid-request',
      expect.stringContaining('"color" is no column'),
    ]);
    expect(await refused('urn,urn\n')).toEqual([400, 'invalid-request', expect.stringContaining('twice')]);
    expect(await refused('')).toEqual([400, 'invalid-request', expect.stringContaining('name the columns')]);
    expect(await refused('urn,name\n"a"b,c\n')).toEqual([400, 'invalid-message', expect.stringContaining('row 2')]);
    expect(await refused(`urn,name\n"${'x'.repeat(200_000)}`)).toEqual([413, 'message-too-large', expect.anything()]);
    expect(await refused(new Uint8Array([0x75, 0xff, 0x0a]))).toEqual([
      400,
      'invalid-message',
      expect.stringContaining('UTF-8'),
    ]);
    shop.world.jobLimits = { maxBytes: 4000, keptBytes: 1 << 20 };
    const many = `urn,etag,description\n${`${urn},*,xxxxxxxxxxxxxxxxxxxxxxx\n`.repeat(200)}`;
    expect(await refused(many)).toEqual([413, 'message-too-large', expect.stringContaining('divide it')]);
    expect((await shop.world.call('GET', '/v1/jobs')).body).toEqual({ jobs: [] });
  });

  it('may be compressed; what is cut or no gzip is refused', async () => {
    bulk.work();
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    const packed = gzipSync((await table()).replace('from the source', 'packed'));
    expect(await bulk.ended(await bulk.send('csv', packed, gzip))).toMatchObject({ progress: { rows: 1, updated: 1 } });
    for (const wrong of [packed.subarray(0, packed.length - 20), 'urn,name\n', ''])
      expect(await bulk.send('csv', wrong, gzip)).toMatchObject({ status: 400 });
    expect(await bulk.send('csv', 'x', { headers: { 'content-encoding': 'br' } })).toMatchObject({ status: 415 });
    expect((await shop.world.call('GET', '/v1/jobs')).body['jobs']).toHaveLength(1);
  });

  it('a row at fault is rejected by itself', async () => {
    bulk.work();
    const lines = [`${urn},*,x`, 'too,few', `${urn},,no etag`, '\u0000,*,nul', `${urn},*,"two\nlines"`, ',,no name'];
    const sent = await bulk.send('csv', `\uFEFFurn,etag,description\n${lines.join('\n')}\n\n`);
    expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { rows: 6, updated: 2, rejected: 4 } });
    const results = await bulk.resultsOf(sent);
    expect(results.map(({ line, problem }) => [line, (problem as { code: string } | undefined)?.code])).toEqual([
      ...[
        [2, undefined],
        [3, 'invalid-request'],
        [4, 'precondition-required'],
        [5, 'not-found'],
        [6, undefined],
      ],
      [7, 'invalid-request'],
    ]);
    expect((await read()).body).toMatchObject({ description: 'two\nlines' });
  });
});

describe('a dry run', () => {
  it('S15 changes nothing, says what would change, and is done exactly so', async () => {
    bulk.work();
    const text = (await table()).replace('from the source', 'by hand');
    const sent = await bulk.send('csv', `${text},,dashboard,Report,,,,,,\r\nurn:nothing,*,,,,,,,,\r\n`, dryRun);
    expect(await bulk.ended(sent)).toMatchObject({
      state: 'planned',
      progress: { updated: 1, created: 1, rejected: 1 },
    });
    expect((await read()).body).toMatchObject({ description: 'from the source' });
    const [update, create, rejected] = await bulk.resultsOf(sent);
    expect(update).toMatchObject({
      ...{ line: 2, urn, result: 'update', etag: await etagOf() },
      changes: expect.arrayContaining([
        { op: 'replace', path: '/description', old: 'from the source', new: 'by hand' },
      ]),
    });
    expect([create?.['result'], rejected?.['problem']]).toMatchObject(['create', { code: 'not-found' }]);
    for (let time = 0; time < 2; time++) expect((await bulk.commit(sent)).status).toBe(200);
    expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { updated: 1, created: 1, rejected: 1 } });
    expect((await read()).body).toMatchObject({ description: 'by hand' });
    const results = await bulk.resultsOf(sent);
    expect(results[1]?.['urn']).toBe(create?.['urn']);
    expect((await bulk.commit(sent)).body).toMatchObject({ state: 'done' });
  });

  it('S15 what has changed since is a conflict, also where the file named no etag', async () => {
    bulk.work();
    const sent = await bulk.send('ndjson', rows({ urn, description: 'mine' }), dryRun);
    await bulk.ended(sent);
    await shop.patch({ domain: 'risk' });
    expect(await bulk.resultsOf(sent)).toMatchObject([
      { result: 'conflict', problem: { code: 'precondition-failed' } },
    ]);
    await bulk.commit(sent);
    expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { conflicts: 1, updated: 0 } });
    expect((await read()).body).toMatchObject({ description: 'from the source' });
  });

  it("S15 keeps no content of the catalog, and shows what is in its reader's sight now", async () => {
    bulk.work();
    const sent = await bulk.send('ndjson', rows({ urn, description: 'mine' }), dryRun);
    await bulk.ended(sent);
    expect(await bulk.resultsOf(sent, { role: 'writer' })).toMatchObject([{ problem: { code: 'not-found' } }]);
    const kept = await shop.world.store.jobs.parts(
      { tenant: 'acme', id: String(sent.body['id']) },
      { series: 'plan', from: 0, limit: 9 },
    );
    expect(kept[0]?.text).toContain('update');
    expect(kept[0]?.text).not.toContain('from the source');
    shop.world.policy.replace({
      version: 1,
      roles: { steward: [{ allow: 'read', where: { domain: 'x' } }, { allow: 'write' }] },
    });
    expect(await bulk.resultsOf(sent)).toMatchObject([{ result: 'rejected', problem: { code: 'not-found' } }]);
  });
});
