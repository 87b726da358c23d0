import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHub } from '../hub/create-hub.ts';
import type { Hub } from '../hub/hub.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let asked: Asked[] = [];
let answers: { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }[] = [];
const hubs: Hub[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      if (url?.startsWith('/hub/v1') !== true) return void response.writeHead(503).end();
      asked.push({ method, url, headers, body });
      const answer = answers.shift() ?? { status: 200, body: '{}' };
      response.writeHead(answer.status, answer.headers ?? {}).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  [asked, answers] = [[], []];
});
afterAll(() => {
  for (const hub of hubs) hub.close();
  server.close();
});

function hubWith(token: string | (() => string)): Hub {
  const { port } = server.address() as AddressInfo;
  const hub = createHub({ url: `http://127.0.0.1:${port}/hub/`, token });
  hubs.push(hub);
  return hub;
}

test('each method sends what it says, below the path of the hub, with the token', async () => {
  const hub = hubWith('t1');
  answers = [{ status: 200, body: '{"a":1}', headers: { etag: '"x"' } }];
  expect(await hub.get('/v1/assets', { query: { limit: 2, sort: 'name', after: undefined } })).toEqual({
    ...{ status: 200, body: { a: 1 }, etag: '"x"' },
  });
  await hub.post('/v1/assets', { name: 'a' }, { idempotencyKey: 'k' });
  await hub.put('/v1/assets/u', { name: 'a' }, { ifMatch: '"x"' });
  await hub.patch('/v1/assets/u', { name: null });
  answers = [{ status: 204, body: '' }];
  expect(await hub.delete('/v1/assets/u', { ifMatch: '*' })).toEqual({ status: 204, body: {}, etag: undefined });
  expect(asked.map(({ method, url, body }) => [method, url, body])).toEqual([
    ['GET', '/hub/v1/assets?limit=2&sort=name', ''],
    ['POST', '/hub/v1/assets', '{"name":"a"}'],
    ['PUT', '/hub/v1/assets/u', '{"name":"a"}'],
    ['PATCH', '/hub/v1/assets/u', '{"name":null}'],
    ['DELETE', '/hub/v1/assets/u', ''],
  ]);
  expect(asked.every(({ headers }) => headers.authorization === 'Bearer t1')).toBe(true);
  expect(
    asked.map(({ headers }) => [headers['content-type'], headers['if-match'], headers['idempotency-key']]),
  ).toEqual([
    [undefined, undefined, undefined],
    ['application/json', undefined, 'k'],
    ['application/json', '"x"', undefined],
    ['application/merge-patch+json', undefined, undefined],
    [undefined, '*', undefined],
  ]);
});

test('a problem becomes the error that everything else of the library throws', async () => {
  const hub = hubWith('t1');
  const problem = { type: '/v1/errors/rate-limited', status: 429, detail: 'wait', code: 'rate-limited' };
  answers = [{ status: 429, body: JSON.stringify({ ...problem, retryable: true, retryAfterMs: 50 }) }];
  await expect(hub.get('/v1/me')).rejects.toMatchObject({
    ...{ name: 'HubClientError', code: 'rate-limited', message: 'wait', retryable: true, retryAfterMs: 50 },
  });
  answers = [{ status: 502, body: '<html>' }];
  await expect(hub.get('/v1/me')).rejects.toMatchObject({ code: 'unreachable', retryable: true });
  const nobody = createHub({ url: 'http://127.0.0.1:9', token: 't1' });
  hubs.push(nobody);
  await expect(nobody.get('/v1/me')).rejects.toMatchObject({ code: 'unreachable' });
});

test('a token is asked for again when the one that was kept is refused, once', async () => {
  let given = 0;
  const hub = hubWith(() => `t${(given += 1)}`);
  await hub.get('/v1/me');
  await hub.get('/v1/me');
  const first = asked[0]?.headers.authorization;
  expect(asked[1]?.headers.authorization).toBe(first);
  const refusal = { status: 401, body: '{"code":"token-expired","detail":"expired"}' };
  answers = [refusal];
  await hub.get('/v1/me');
  expect(asked[3]?.headers.authorization).not.toBe(first);
  answers = [refusal, refusal];
  await expect(hub.get('/v1/me')).rejects.toMatchObject({ code: 'token-expired' });
  expect(asked).toHaveLength(6);
});
