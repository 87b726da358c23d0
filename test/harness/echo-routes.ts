import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { json } from '../../server/http/answers.ts';
import { forBrowsers } from '../../server/http/contract.ts';
import { bytes } from '../../server/http/request-body.ts';
import { type Route, route } from '../../server/http/route.ts';

/** Routes that say what came in: path, query and headers, the size of a body at once or late, who asks; and one with a bug. */
export function echoRoutes(maxBodyBytes: number): readonly Route[] {
  const get = { method: 'GET', access: 'public', contract: forBrowsers, answer: json(z.unknown()) } as const;
  const post = { ...get, method: 'POST' } as const;
  return [
    route({
      ...get,
      path: '/v1/echo/:name',
      handle: ({ http: { query, headers }, params }) => {
        return { ...params, query: Object.fromEntries(query), header: headers['x-test'] ?? null };
      },
    }),
    route({
      ...post,
      path: '/v1/echo',
      body: bytes(maxBodyBytes, {}),
      handle: async ({ body }) => ({ size: (await body()).length }),
    }),
    route({
      ...post,
      path: '/v1/late',
      body: bytes(1e7, {}),
      handle: async ({ body }) => {
        await pause(100);
        return { size: (await body()).length };
      },
    }),
    route({ ...get, path: '/v1/mine', access: 'signed-in', handle: ({ principal }) => principal }),
    route({
      ...get,
      path: '/v1/bug',
      handle: () => {
        throw new TypeError('secret detail');
      },
    }),
  ];
}
