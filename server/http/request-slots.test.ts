import { expect, it } from 'vitest';
import { z } from 'zod';
import { heldBody, type HttpRequest } from '../transport/http.ts';
import { RequestSlots } from './request-slots.ts';
import { json } from './answers.ts';
import { forBrowsers } from './contract.ts';
import { route } from './route.ts';
import { createRouter } from './router.ts';

it('L9: bounds requests under way for a principal and for the node, until they are given back', () => {
  const slots = new RequestSlots({ perPrincipal: 2, perNode: 3 });
  const busy = expect.objectContaining({ code: 'rate-limited', retryAfterMs: 500 });
  const [release] = [slots.take('a'), slots.take('a')];
  expect(() => slots.take('a')).toThrow(busy);
  slots.take('b');
  expect(() => slots.take('c')).toThrow(busy);
  release();
  release();
  slots.take('a');
  expect(() => slots.take('c')).toThrow(busy);
});

it('L9: a request is under way until its answer has been taken', async () => {
  const router = createRouter({
    routes: [
      route({
        ...{ method: 'GET', path: '/mine', access: 'signed-in', contract: forBrowsers, answer: json(z.unknown()) },
        handle: ({ principal }) => principal,
      }),
    ],
    policy: { assertMay: () => undefined },
    verify: async () => ({ tenant: 'acme', sub: 'ada', roles: [], claims: {}, expiresAtMs: 0 }),
    onError: () => undefined,
  });
  const request: HttpRequest = {
    ...{ method: 'GET', path: '/mine', query: new URLSearchParams(), headers: { authorization: 'Bearer x' } },
    ...heldBody(new Uint8Array()),
    peer: '127.0.0.1',
  };
  const answers = await Promise.all(Array.from({ length: 9 }, () => router(request)));
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 8 }, () => 200), 429]);
  expect(answers[8]?.headers).toMatchObject({ ratelimit: '"requests";r=0', 'retry-after': '1' });
  answers[0]?.onTaken?.();
  expect((await router(request)).status).toBe(200);
});
