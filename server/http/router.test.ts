import { describe, expect, it } from 'vitest';
import type { Policy } from '../../channels/policy/policy.ts';
import { CurrentPolicy } from '../policy/current-policy.ts';
import { heldBody, type HttpRequest, type HttpResponse, type HttpStream } from '../transport/http.ts';
import { z } from 'zod';
import { createdJson, json, jsonText, ownResponse } from './answers.ts';
import { forBrowsers, type RouteContract } from './contract.ts';
import { jsonValue, text, wholeNumber } from './query.ts';
import { bytes, jsonBody } from './request-body.ts';
import { type Method, type Route, route, type RouteAccess } from './route.ts';
import { createRouter } from './router.ts';

const policy: Policy = {
  version: 1,
  roles: { admin: [{ allow: 'administer' }], operator: [{ allow: 'operate' }] },
};
let faults: string[] = [];

const plain = { contract: forBrowsers, answer: json(z.unknown()) } as const;

interface Asked {
  readonly role?: string;
  readonly method?: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(
  routes: readonly Route[],
  path: string,
  { role, method = 'GET', query, body, headers = {} }: Asked = {},
): Promise<HttpResponse> {
  faults = [];
  const router = createRouter({
    routes,
    policy: new CurrentPolicy(policy),
    verify: async (token) => ({ tenant: 'acme', sub: 'ada', roles: [String(token)], claims: {}, expiresAtMs: 0 }),
    onError: ({ code }) => faults.push(code),
  });
  const request: HttpRequest = {
    ...{ method, path, query: new URLSearchParams(query), headers, peer: '127.0.0.1' },
    ...(role === undefined ? {} : { headers: { authorization: `Bearer ${role}` } }),
    ...heldBody(Buffer.from(body ?? '')),
  };
  return router(request);
}

it('a route that says not enough of itself does not compile', () => {
  const said = { id: 'x', group: 'Assets', summary: 'X', params: { id: { about: 'Id' } }, errors: [] } as const;
  const complete: RouteContract<'/x/:id'> = said;
  const { summary: _summary, ...silent } = said;
  const { errors: _errors, ...withoutCodes } = said;
  const common = { method: 'GET', path: '/x/:id', access: 'public', handle: () => ({}) } as const;
  const answer = json(z.object({}));
  expect(route({ ...common, contract: complete, answer }).contract).toBe(complete);
  // @ts-expect-error no contract
  route({ ...common, answer });
  // @ts-expect-error no summary
  route({ ...common, contract: silent, answer });
  // @ts-expect-error no error codes
  route({ ...common, contract: withoutCodes, answer });
  // @ts-expect-error a parameter of the path is not described
  route({ ...common, contract: { ...said, params: {} }, answer });
  // @ts-expect-error no schema of the answer
  route({ ...common, contract: complete, answer: json });
  // @ts-expect-error no schema of the body
  route({ ...common, contract: complete, answer, body: jsonBody({ maxBytes: 1, parse: (value) => value }) });
  // @ts-expect-error a parameter of the query is not described
  route({ ...common, contract: complete, answer, query: { q: text({ maxLength: 1 }) } });
});

describe('what a route declares', () => {
  it.each([
    ['public', [200, 200, 200, 200]],
    ['signed-in', [401, 200, 200, 200]],
    ['administer', [401, 403, 200, 403]],
    ['operate', [401, 403, 403, 200]],
  ] as const)('access %s: nobody, a reader, an administrator, an operator get %j', async (access, statuses) => {
    let handled = 0;
    const common = { ...plain, method: 'GET', path: '/x' } as const;
    const handle = (): object => ({ handled: ++handled });
    // a union of both overloads is neither of them
    const one = access === 'public' ? route({ ...common, access, handle }) : route({ ...common, access, handle });
    const roles = [undefined, 'reader', 'admin', 'operator'];
    const answers: number[] = [];
    for (const role of roles) answers.push((await ask([one], '/x', role === undefined ? {} : { role })).status);
    expect(answers).toEqual(statuses);
    expect(handled).toBe(statuses.filter((status) => status === 200).length);
  });

  it('query parameters are parsed in their order before the handler runs', async () => {
    const query = {
      limit: wholeNumber({ fallback: 7, max: 10 }),
      name: text({ maxLength: 3, about: '' }),
      filter: jsonValue({ about: '', schema: z.unknown() }),
    };
    const handled: unknown[] = [];
    const one = route({
      ...{ ...plain, method: 'GET', path: '/x', access: 'public', query },
      handle: (request) => (handled.push(request.query), {}),
    });
    await ask([one], '/x', { query: 'limit=3&name=abc&filter={"a":1}&other=1' });
    await ask([one], '/x');
    expect(handled).toEqual([
      { limit: 3, name: 'abc', filter: { a: 1 } },
      { limit: 7, name: undefined, filter: undefined },
    ]);
    for (const [wrong, code] of [
      ['limit=0&name=toolong', 'limit: must be'],
      ['name=long', 'name: must have at most 3 characters'],
      ['filter={', 'filter: must be JSON'],
    ] as const) {
      const { status, body } = await ask([one], '/x', { query: wrong });
      expect([status, String(body)]).toEqual([400, expect.stringContaining(code)]);
    }
    expect(handled.length).toBe(2);
  });

  it('W24 a parameter that a route does not have is refused, where it is known who asks', async () => {
    const query = { limit: wholeNumber({ fallback: 7, max: 10 }), name: text({ maxLength: 3, about: '' }) };
    const common = { ...plain, method: 'GET', access: 'signed-in', handle: () => ({}) } as const;
    const routes = [route({ ...common, path: '/x', query }), route({ ...common, path: '/none' })];
    for (const [path, wrong, said] of [
      ['/x', 'limit=3&nmae=abc', 'nmae: not a parameter of this route; use limit, name'],
      ['/none', 'limit=3', 'limit: not a parameter of this route; leave it out'],
    ] as const) {
      const { status, body } = await ask(routes, path, { query: wrong, role: 'admin' });
      expect([status, String(body)]).toEqual([400, expect.stringContaining(said)]);
    }
    expect((await ask(routes, '/x', { query: 'limit=3', role: 'admin' })).status).toBe(200);
  });

  it.each(['utf-8', '"UTF8"', 'us-ascii', 'latin1', 'utf-16'])('JSON in charset %s', async (charset) => {
    const body = jsonBody({ maxBytes: 100, schema: z.unknown(), parse: (value) => ({ value }) });
    const common = { ...plain, method: 'POST', path: '/x', access: 'public' } as const;
    const one = route({ ...common, body, handle: (request) => request.body() });
    const headers = { 'content-type': `application/json; charset=${charset}` };
    const { status } = await ask([one], '/x', { method: 'POST', body: '1', headers });
    expect(status).toBe(/^(?:latin1|utf-16)$/u.test(charset) ? 415 : 200);
  });

  it('the body is read when the handler asks, as it was declared', async () => {
    const parsed = jsonBody({ maxBytes: 100, schema: z.unknown(), parse: (value) => ({ value }), ifEmpty: {} });
    const common = { ...plain, method: 'POST', access: 'public' } as const;
    const routes = [
      route({ ...common, path: '/json', body: parsed, handle: ({ body }) => body() }),
      route({
        ...common,
        path: '/bytes',
        body: bytes(100, {}),
        handle: async ({ body }) => ({ size: (await body()).length }),
      }),
      route({ ...common, path: '/none', handle: async ({ body }) => ({ body: (await body()) ?? null }) }),
    ];
    const bodies = [];
    for (const path of ['/json', '/bytes', '/none'])
      bodies.push((await ask(routes, path, { method: 'POST', body: '[1]' })).body);
    expect(bodies).toEqual(['{"value":[1]}', '{"size":3}', '{"body":null}']);
    expect((await ask(routes, '/json', { method: 'POST' })).body).toBe('{"value":{}}');
    expect((await ask(routes, '/json', { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('the answer is sent as it was declared', async () => {
    const common = { contract: forBrowsers, method: 'GET', access: 'public' } as const;
    const any = z.unknown();
    const routes = [
      route({ ...common, path: '/json', answer: json(any), handle: () => ({ a: 1 }) }),
      route({ ...common, path: '/created', answer: createdJson(any), handle: () => ({ a: 1 }) }),
      route({ ...common, path: '/text', answer: jsonText(any), handle: () => '{"a":1}' }),
      route({ ...common, path: '/own', answer: ownResponse(), handle: () => ({ status: 204 }) }),
    ];
    const answers = await Promise.all(['/json', '/created', '/text', '/own'].map((path) => ask(routes, path)));
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, '{"a":1}'],
      [201, '{"a":1}'],
      [200, '{"a":1}'],
      [204, undefined],
    ]);
    expect(answers[2]?.headers).toEqual(answers[0]?.headers);
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s reaches its own route of a path', async (method) => {
    const methods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    const access: RouteAccess = 'public';
    const routes = methods.map((each) =>
      route({ ...plain, method: each, path: '/x/:id', access, handle: ({ params }) => ({ each, ...params }) }),
    );
    expect((await ask(routes, '/x/a%20b', { method })).body).toBe(JSON.stringify({ each: method, id: 'a b' }));
    const refused = await ask(routes.slice(0, 2), '/x/1', { method: 'OPTIONS' });
    expect([refused.status, refused.headers?.['allow']]).toEqual([405, 'GET, POST']);
  });
});

it('a stream that cannot be begun is told and aborted', async () => {
  const body = (): void => {
    throw new TypeError('a bug');
  };
  const one = route({
    ...{ contract: forBrowsers, method: 'GET', path: '/x', access: 'public', answer: ownResponse() },
    handle: () => ({ status: 200, body }),
  });
  const answer = await ask([one], '/x');
  let aborted = 0;
  const stream = { abort: () => (aborted += 1) } as unknown as HttpStream;
  if (typeof answer.body === 'function') answer.body(stream);
  expect([aborted, faults]).toEqual([1, ['internal']]);
});
