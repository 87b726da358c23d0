import { expect, it } from 'vitest';
import { ordersUrn } from '../../../test/harness/asset-fixture.ts';
import { bulkOf, linesOf } from '../../../test/harness/bulk-world.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';

const shop = ordersWorld();
const bulk = bulkOf(shop);

const begin = (body: object, role = 'steward') => shop.world.call('POST', '/v1/exports', { body, role });
const contentOf = (id: unknown, options: object = {}) =>
  shop.world.call('GET', `/v1/exports/${String(id)}/content`, options);

it('S13 an export has all that matches and its owner may see, by urn', async () => {
  for (let index = 0; index < 450; index++)
    await shop.world.scan(
      { type: 'table', name: `t${index}`, domain: index % 3 === 0 ? 'hr' : 'retail' },
      `urn:t:${index}`,
    );
  bulk.work();
  const sent = await begin({ format: 'ndjson', filter: { type: 'table' }, fields: ['name'] }, 'own');
  expect(sent).toMatchObject({ status: 202, body: { kind: 'export', format: 'ndjson' } });
  expect(await bulk.ended(sent)).toMatchObject({ state: 'done', progress: { rows: 301 } });
  const lines = linesOf(await contentOf(sent.body['id'], { role: 'own' }));
  expect(lines).toHaveLength(301);
  expect(lines[0]).toEqual({ asset: { name: 'orders' }, etag: expect.any(String) });
});

it('S15 what it shows is judged, masked and as it is when it is read, and only by its owner', async () => {
  bulk.work();
  const sent = await begin({ format: 'csv', fields: ['description'] });
  await bulk.ended(sent);
  const id = sent.body['id'];
  await shop.patch({ description: 'newer' });
  expect((await contentOf(id)).text).toContain(`${ordersUrn},"""`);
  expect((await contentOf(id)).text).toMatch(/,newer\r\n$/);
  expect((await contentOf(id, { role: 'writer' })).text).toBe('\uFEFFurn,etag,description\r\n');
  expect(await contentOf(id, { sub: 'eve' })).toMatchObject({ status: 404 });
  const [kept] = await shop.world.store.jobs.parts(
    { tenant: 'acme', id: String(id) },
    { series: 'urns', from: 0, limit: 1 },
  );
  expect(kept?.text).toBe(JSON.stringify([ordersUrn]));
});

it('has other kinds as lines, and refuses at once what could not be done', async () => {
  await shop.world.call('POST', '/v1/terms', { body: { id: 'balance', name: 'Balance' } });
  const sent = await begin({ format: 'ndjson', kind: 'term' });
  const early = await contentOf(sent.body['id']);
  expect(early).toMatchObject({ status: 409, code: 'job-conflict' });
  bulk.work();
  await bulk.ended(sent);
  expect(linesOf(await contentOf(sent.body['id']))).toMatchObject([{ term: { name: 'Balance' } }]);
  expect(await shop.world.call('GET', `/v1/imports/${String(sent.body['id'])}/results`)).toMatchObject({ status: 409 });
  for (const wrong of [
    ...[{}, { format: 'xml' }, { format: 'csv', kind: 'term' }, { format: 'csv', fields: ['columns'] }],
    ...[
      { format: 'ndjson', fields: ['x'] },
      { format: 'ndjson', filter: { $x: 1 } },
      { format: 'csv', more: 1 },
    ],
  ])
    expect((await begin(wrong)).status).toBe(400);
});

it('an export that has found too much fails, and says so', async () => {
  shop.world.jobLimits = { maxBytes: 1030, keptBytes: 1 << 20 };
  bulk.work();
  const sent = await begin({ format: 'csv' });
  expect(await bulk.ended(sent)).toMatchObject({ state: 'failed', error: { code: 'message-too-large' } });
  expect(await contentOf(sent.body['id'])).toMatchObject({ status: 409, code: 'job-conflict' });
});

it('the newest are kept, of a tenant that has more than its part', async () => {
  shop.world.jobLimits = { maxBytes: 1 << 20, keptBytes: 3000 };
  bulk.work();
  const ids: unknown[] = [];
  for (let count = 0; count < 5; count++) {
    const sent = await begin({ format: 'csv' });
    await bulk.ended(sent);
    ids.push(sent.body['id']);
  }
  const { jobs } = (await shop.world.call('GET', '/v1/jobs')).body as { jobs: readonly { id: unknown }[] };
  expect(jobs.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 3));
});
