import { describe, expect, it } from 'vitest';
import { orders, ordersUrn as urn } from '../../../test/harness/asset-fixture.ts';
import { type CallOptions } from '../../../test/harness/asset-world.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { patch, read, etagOf } = shop;

describe('suggestions', () => {
  const decide = async (decision: 'approve' | 'reject', options: CallOptions = {}, column = 'email') => {
    const decisions = [{ urn, column, tag: 'pii/email', decision, reason: 'seen' }];
    const answer = await shop.world.call('POST', '/v1/suggestions:decide', { ...options, body: { decisions } });
    return (answer.body['results'] as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
  };
  const tagsNow = async (): Promise<unknown> => {
    const { columns } = (await read()).body as { columns: { name: string; classifications: object[] }[] };
    return columns.find(({ name }) => name === 'email')?.classifications;
  };

  it('of two decisions about one tag that differ the first counts', async () => {
    const { columns } = (await read()).body as { columns: { key: string }[] };
    const keys = ['email', columns[1]?.key, 'email'];
    const said = ['approve', 'reject', 'approve'];
    const decisions = keys.map((column, at) => ({ urn, column, tag: 'pii/email', decision: said[at] }));
    const { body } = await shop.world.call('POST', '/v1/suggestions:decide', { body: { decisions } });
    expect(body['results']).toMatchObject([
      { result: 'done' },
      { result: 'refused', error: { code: 'invalid-request', message: expect.stringContaining('says "approve"') } },
      { result: 'done' },
    ]);
    expect(await tagsNow()).toMatchObject([{ state: 'confirmed' }]);
  });

  it('S2 a rejected one does not come back over three scans', async () => {
    expect(await decide('reject', { role: 'chief' })).toMatchObject({ result: 'done', event: expect.any(String) });
    for (let round = 0; round < 3; round++) {
      expect(await shop.world.scan(orders())).toBe(0);
      expect(await tagsNow()).toEqual([]);
      expect((await read({ role: 'viewer' })).status).toBe(200);
    }
    expect((await read()).body).toMatchObject({
      columns: [
        {},
        { curated: { classifications: { rejected: [{ scheme: 'pii', name: 'email', by: 'ada', reason: 'seen' }] } } },
      ],
    });
  });

  it('S3 rejected without the right to declassify it is hidden, and who was denied stays denied', async () => {
    await decide('reject');
    expect([await tagsNow(), (await read({ role: 'viewer' })).status]).toEqual([[], 404]);
    await patch({ columns: { email: { classifications: { 'pii/email': { state: 'rejected' } } } } }, { role: 'chief' });
    expect((await read({ role: 'viewer' })).status).toBe(200);
  });

  it('S2 confirmed by a source after a rejection it is shown', async () => {
    await decide('reject', { role: 'chief' });
    await shop.world.scan(orders('confirmed'));
    expect(await tagsNow()).toMatchObject([{ state: 'confirmed' }]);
    expect((await read({ role: 'viewer' })).status).toBe(404);
  });

  it('S3 neither a confirmed tag nor an approval is taken back without the right', async () => {
    const columns = (word: object | null) => ({ columns: { email: { classifications: { 'pii/email': word } } } });
    await decide('approve');
    expect(await tagsNow()).toMatchObject([{ state: 'confirmed', level: 3 }]);
    expect(await patch(columns(null))).toMatchObject({
      status: 403,
      message:
        '/columns/email/classifications/pii/email: it would protect less than before; no grant allows you to declassify',
    });
    expect(await patch(columns({ state: 'confirmed', level: 1 }))).toMatchObject({ status: 403 });
    await shop.world.scan(orders('confirmed'));
    expect(await patch(columns({ state: 'rejected' }))).toMatchObject({
      status: 403,
      message: expect.stringContaining('a source confirms it'),
    });
    expect(await patch(columns({ state: 'rejected' }), { role: 'chief' })).toMatchObject({ status: 200 });
    expect(await tagsNow()).toEqual([]);
  });

  it('have a result each, and those that are good are done', async () => {
    const seen = await etagOf();
    const decisions = [
      { urn, column: 'email', tag: 'pii/email', decision: 'approve', ifMatch: seen },
      { urn, column: 'id', tag: 'pii/email', decision: 'reject', ifMatch: seen },
      { urn: 'urn:gov:nothing', tag: 'pii/email', decision: 'reject' },
      { urn, column: 'email', tag: 'pii/email', decision: 'reject', ifMatch: '"old"' },
    ];
    const answer = await shop.world.call('POST', '/v1/suggestions:decide', { body: { decisions } });
    expect(answer.body['results']).toMatchObject([
      { urn, column: 'email', tag: 'pii/email', result: 'done', event: expect.any(String) },
      { result: 'refused', error: { code: 'not-found' } },
      { result: 'refused', error: { code: 'not-found' } },
      { result: 'refused', error: { code: 'precondition-failed' } },
    ]);
    expect(await decide('approve')).toMatchObject({ result: 'refused', error: { code: 'not-found' } });
    expect(await decide('approve', { role: 'viewer' })).toMatchObject({ error: { code: 'not-found' } });
  });
});
