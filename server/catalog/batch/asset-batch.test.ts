import { describe, expect, it } from 'vitest';
import { orders, ordersUrn as urn } from '../../../test/harness/asset-fixture.ts';
import type { CallOptions } from '../../../test/harness/asset-world.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { read, etagOf } = shop;

const run = (operations: unknown, options: CallOptions = {}) =>
  shop.world.call('POST', '/v1/assets:batch', { ...options, body: { operations } });
const resultsOf = async (...sent: Parameters<typeof run>): Promise<readonly Record<string, unknown>[]> => {
  const { body } = await run(...sent);
  return body['results'] as readonly Record<string, unknown>[];
};

describe('a batch of changes', () => {
  it('S11 each operation has its own guard and result, and one that is refused keeps no other from being done', async () => {
    await shop.world.scan({ ...orders(), name: 'customers' }, 'urn:gov:warehouse:customers');
    const results = await resultsOf([
      { op: 'create', body: { name: 'Report', type: 'dashboard' } },
      { op: 'patch', urn, body: { description: 'one' }, ifMatch: await etagOf() },
      { op: 'patch', urn, body: { description: 'two' }, ifMatch: '"other"' },
      { op: 'patch', urn: 'urn:gov:warehouse:customers', body: [{ op: 'add', path: '/owners/eve', value: {} }] },
      { op: 'patch', urn: 'urn:nothing', body: {} },
      { op: 'put', urn, body: { domain: 'risk' } },
      { op: 'delete', urn, ifMatch: '*' },
      { op: 'patch', urn, body: { name: 'x' } },
      { op: 'create', body: { name: 'Report' } },
    ]);
    expect(results.map(({ result, error }) => (error as { code: string } | undefined)?.code ?? result)).toEqual([
      ...[
        'done',
        'done',
        'precondition-failed',
        'done',
        'not-found',
        'precondition-required',
        'forbidden',
        'forbidden',
      ],
      'invalid-request',
    ]);
    expect(results[0]).toMatchObject({
      op: 'create',
      urn: expect.stringMatching(/^urn:gov:hub:/),
      event: expect.any(String),
    });
    expect(results[1]).toMatchObject({ op: 'patch', urn, etag: await etagOf() });
    expect((await read()).body).toMatchObject({ description: 'one', owners: [{ id: 'bob' }] });
  });

  it('S11 operations on one asset are done in their order', async () => {
    const operations = Array.from({ length: 20 }, (_, index) => ({
      op: 'patch',
      urn,
      body: { description: `${index}` },
    }));
    const results = await resultsOf([...operations, { op: 'put', urn, ifMatch: '*', body: { domain: 'risk' } }]);
    expect(results.map(({ result }) => result)).toEqual(Array.from({ length: 21 }, () => 'done'));
    expect((await read()).body).toMatchObject({ description: 'from the source', domain: 'risk' });
  });

  it('S6 with a key each operation is done once, creations and deletions too', async () => {
    const made = await resultsOf([{ op: 'create', body: { name: 'Old', type: 'report' } }]);
    const operations = [
      { op: 'create', body: { name: 'Report', type: 'dashboard' } },
      { op: 'patch', urn, body: { description: 'by hand' } },
      { op: 'delete', urn: made[0]?.['urn'], ifMatch: '*' },
      { op: 'patch', urn: 'urn:nothing', body: {} },
    ];
    const key = { headers: { 'idempotency-key': 'once' } };
    const first = await resultsOf(operations, key);
    expect(first.map(({ result }) => result)).toEqual(['done', 'done', 'done', 'refused']);
    const again = await resultsOf(operations, key);
    expect(again.map(({ result }) => result)).toEqual(['repeated', 'repeated', 'repeated', 'refused']);
    expect(again[0]?.['urn']).toBe(first[0]?.['urn']);
    const other = await resultsOf([operations[0], { op: 'patch', urn, body: { description: 'other' } }], key);
    expect(other.map(({ error }) => (error as { code: string }).code)).toEqual([
      'idempotency-mismatch',
      'idempotency-mismatch',
    ]);
    expect((await read()).body).toMatchObject({ description: 'by hand' });
  });

  it('S11 is bounded: operations, and what each of them says', async () => {
    const one = { op: 'patch', urn, body: {} };
    expect(await run([])).toMatchObject({ status: 400 });
    expect(await run(Array.from({ length: 501 }, () => one))).toMatchObject({ status: 400 });
    expect(await run([{ ...one, op: 'upsert' }])).toMatchObject({ status: 400 });
    expect(await run([one], { headers: { 'idempotency-key': 'x'.repeat(201) } })).toMatchObject({ status: 400 });
    const [result] = await resultsOf([{ ...one, body: { description: 'x'.repeat(70_000) } }]);
    expect(result).toMatchObject({ result: 'refused', error: { code: 'message-too-large' } });
    const many = await resultsOf(Array.from({ length: 500 }, () => one));
    expect(many.every(({ result: each }) => each === 'done')).toBe(true);
  });

  it('S4 rights are those of single requests', async () => {
    const results = await resultsOf([{ op: 'patch', urn, body: { domain: 'x' } }], { role: 'reader' });
    expect(results).toMatchObject([{ result: 'refused', error: { code: 'forbidden' } }]);
    expect(await resultsOf([{ op: 'patch', urn, body: {} }], { role: 'writer' })).toMatchObject([
      { result: 'refused', error: { code: 'not-found' } },
    ]);
  });
});
