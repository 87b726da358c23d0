import { beforeEach, expect, it } from 'vitest';
import { createRouter } from '../../http/router.ts';
import { CurrentPolicy } from '../../policy/current-policy.ts';
import { heldBody, type HttpResponse } from '../../transport/http.ts';
import { MemoryMeta } from '../../../test/harness/memory-meta.ts';
import { viewRoutes } from './view-routes.ts';

type Ask = (method: string, more?: { body?: object; headers?: Record<string, string> }) => Promise<HttpResponse>;

let meta: MemoryMeta;
beforeEach(() => {
  meta = new MemoryMeta();
});

function asked(role: string): Ask {
  const policy = new CurrentPolicy({ version: 1, roles: { reader: [{ allow: 'read' }], nobody: [] } });
  const router = createRouter({
    ...{ routes: viewRoutes({ store: meta, policy }), policy, onError: () => undefined },
    verify: async () => ({ tenant: 'acme', sub: 'ada', roles: [role], claims: {}, expiresAtMs: Date.now() + 60_000 }),
  });
  return async (method, { body = {}, headers = {} } = {}) =>
    router({
      ...{ method, path: '/v1/me/views', peer: '127.0.0.1', query: new URLSearchParams() },
      headers: { authorization: 'Bearer x', 'content-type': 'application/json', ...headers },
      ...heldBody(Buffer.from(JSON.stringify(body))),
    });
}

it('U15: are replaced only with the tag of what was seen', async () => {
  const ask = asked('reader');
  const body = { views: [{ name: 'a', search: '?q=x' }] };
  expect((await ask('PUT', { body })).status).toBe(428);
  const { etag = '' } = (await ask('GET')).headers ?? {};
  const put = await ask('PUT', { body, headers: { 'if-match': etag } });
  expect([put.status, JSON.parse(String(put.body))]).toEqual([200, body]);
  expect((await ask('GET')).headers?.['etag']).toBe(put.headers?.['etag']);
  expect((await ask('PUT', { body, headers: { 'if-match': etag } })).status).toBe(412);
  expect((await ask('PUT', { body: { views: [{ name: '' }] }, headers: { 'if-match': '*' } })).status).toBe(400);
});

it('who may read nothing keeps nothing', async () => {
  const ask = asked('nobody');
  expect((await ask('GET')).status).toBe(403);
  expect((await ask('PUT', { body: { views: [] }, headers: { 'if-match': '*' } })).status).toBe(403);
  expect(meta.keys).toEqual([]);
});
