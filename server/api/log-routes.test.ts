import { expect, it } from 'vitest';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { createRouter } from '../http/router.ts';
import { logRoutes } from './log-routes.ts';
import { heldBody } from '../transport/http.ts';

it('L14: a new epoch of the log has a budget of its own, and says when the next may begin', async () => {
  let elapsedMs = 0;
  const log = new MemoryEventLog(1);
  const router = createRouter({
    routes: logRoutes({ log, stopwatch: { elapsedMs: () => elapsedMs }, position: () => undefined }),
    policy: { assertMay: () => undefined },
    verify: async () => ({ tenant: 'acme', sub: 'ada', roles: [], claims: {}, expiresAtMs: 0 }),
    onError: () => undefined,
  });
  const begin = (body = '') =>
    router({
      ...{ method: 'POST', path: '/v1/log/epoch', query: new URLSearchParams(), peer: '127.0.0.1' },
      headers: { authorization: 'Bearer x' },
      ...heldBody(Buffer.from(body)),
    });
  const begun = await begin('{"partitions":4}');
  expect(begun).toMatchObject({
    status: 200,
    headers: {
      'ratelimit-policy': '"requests";q=8;qu="concurrent-requests", "epochs";q=1;w=10',
      ratelimit: '"requests";r=7, "epochs";r=0;t=10',
    },
  });
  elapsedMs = 4000;
  expect(await begin()).toMatchObject({ status: 429, headers: { 'retry-after': '6' } });
  elapsedMs = 10_000;
  expect(await begin()).toMatchObject({ status: 200 });
  for (const wrong of ['[]', '{"partitions":0}', '{"partitions":1.5}', '{"partitions":"4"}', '{"parts":4}'])
    expect(await begin(wrong)).toMatchObject({ status: 400 });
});
