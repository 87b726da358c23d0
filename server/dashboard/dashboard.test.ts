import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../test/harness/silence.ts';
import { createRouter } from '../http/router.ts';
import { CurrentPolicy } from '../policy/current-policy.ts';
import { heldBody, type HttpRequest, type HttpResponse } from '../transport/http.ts';
import { createDashboard, type DashboardOptions } from './dashboard.ts';
import { mintSignInCode } from './sign-in.ts';

const jwtSecret = 'test-jwt-secret-0123456789-abcdefghijklmnop';
const settings = {
  env: 'development',
  dashboard: 'on',
  publicUrl: undefined,
  jwtIssuer: 'pursight',
  jwtAudience: 'pursight-hub',
} as const;
const script = 'console.log(1)'.repeat(100);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-ui-'));
  mkdirSync(join(folder, '_ui'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><html><head></head><body></body></html>');
  writeFileSync(join(folder, '_ui', 'a-1.js'), script);
  writeFileSync(join(folder, '_ui', 'a-1.js.gz'), gzipSync(script));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Ask = (
  path: string,
  more?: Partial<Omit<HttpRequest, 'path' | 'body'>> & { body?: object },
) => Promise<HttpResponse>;

function serve(changes: Partial<DashboardOptions['settings']> = {}, secret: string | null = jwtSecret): Ask {
  const routes = createDashboard({
    settings: { ...settings, ...changes },
    secrets: { jwtSecret: secret ?? undefined },
    roles: ['admin', 'steward', 'viewer'],
    clock: { now: () => Date.now() },
    logger: silentLogger,
    folder,
  });
  const policy = new CurrentPolicy({ version: 1, roles: {} });
  const router = createRouter({
    ...{ routes, policy, onError: () => undefined },
    verify: async () => Promise.reject(new Error('not used')),
  });
  return async (path, { method = 'GET', peer = '127.0.0.1', headers = {}, body = {} } = {}) =>
    router({
      ...{ method, path, peer, query: new URLSearchParams() },
      headers: { host: '127.0.0.1:8080', 'content-type': 'application/json', ...headers },
      ...heldBody(Buffer.from(JSON.stringify(body))),
    });
}

function answerOf({ body }: HttpResponse): Record<string, unknown> {
  return JSON.parse(String(body)) as Record<string, unknown>;
}

const code = (tenant = 'demo'): string => mintSignInCode({ jwtSecret, issuer: 'pursight', tenant });

async function signIn(
  ask: Ask,
  more: object = {},
): Promise<{ readonly cookie: string; readonly answer: HttpResponse }> {
  const answer = await ask('/v1/session', { method: 'POST', body: { code: code(), ...more } });
  return { cookie: answer.headers?.['set-cookie']?.split(';')[0] ?? '', answer };
}

describe('the page', () => {
  it('U1: is served on every screen, never stored, with nothing allowed but its own scripts', async () => {
    const ask = serve();
    for (const path of [
      '/',
      '/assets',
      '/assets/urn%3Agov%3Ax%2Fy',
      '/concepts',
      '/concepts/term/urn%3Ax',
      '/live',
      '/inbox',
      '/ops',
      '/settings',
    ]) {
      const { status, headers = {}, body } = await ask(path);
      expect([path, status, headers['cache-control'], headers['content-type']]).toEqual([
        ...[path, 200, 'no-store', 'text/html; charset=utf-8'],
      ]);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
      expect(String(Buffer.from(body as Uint8Array))).toContain('<head><base href="/">');
    }
  });

  it('a path that is no screen is not the page', async () => {
    for (const path of ['/v1/nothing', '/nothing', '/_ui/nothing.js', '/_ui/..%2Findex.html'])
      expect((await serve()(path)).status).toBe(404);
  });

  it('works below the path of the public address', async () => {
    const { body } = await serve({ publicUrl: 'https://hub.example/pursight/' })('/live');
    expect(String(Buffer.from(body as Uint8Array))).toContain('<base href="/pursight/">');
  });

  it('its files are kept for ever under their names, in an encoding that the browser takes', async () => {
    const ask = serve();
    const plain = await ask('/_ui/a-1.js');
    expect(String(Buffer.from(plain.body as Uint8Array))).toBe(script);
    const zipped = await ask('/_ui/a-1.js', { headers: { 'accept-encoding': 'br;q=1, gzip' } });
    expect(zipped.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(String(gunzipSync(zipped.body as Uint8Array))).toBe(script);
    const etag = plain.headers?.['etag'] ?? '';
    expect((await ask('/_ui/a-1.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('is not there with PURSIGHT_DASHBOARD=off', async () => {
    const ask = serve({ dashboard: 'off' });
    expect([(await ask('/')).status, (await ask('/v1/session')).status]).toEqual([404, 404]);
  });
});

describe('sign-in of a developer', () => {
  it('U2: a code works once, and gives a session that no script can read', async () => {
    const ask = serve();
    const body = { code: code() };
    const first = await ask('/v1/session', { method: 'POST', body });
    expect(answerOf(first)).toMatchObject({ tenant: 'demo', role: 'steward', roles: ['admin', 'steward', 'viewer'] });
    expect(first.headers?.['set-cookie']).toMatch(
      /^pursight-session-8080=[^;]+; Path=\/v1\/session; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    const second = await ask('/v1/session', { method: 'POST', body });
    expect([second.status, answerOf(second)['detail']]).toEqual([401, expect.stringContaining('works once')]);
  });

  it('a role that there is not uses no code up', async () => {
    const ask = serve();
    const body = { code: code() };
    expect((await ask('/v1/session', { method: 'POST', body: { ...body, role: 'gone' } })).status).toBe(400);
    expect((await ask('/v1/session', { method: 'POST', body })).status).toBe(200);
  });

  it('a session gives tokens for each role of the policy, and for no other', async () => {
    const ask = serve();
    const { cookie } = await signIn(ask);
    const token = (role?: string): Promise<HttpResponse> =>
      ask('/v1/session/token', {
        method: 'POST',
        headers: { cookie: `other=1; ${cookie}` },
        body: role === undefined ? {} : { role },
      });
    expect(answerOf(await token('viewer'))).toMatchObject({ role: 'viewer', sub: 'viewer', expiresInMs: 300_000 });
    expect(answerOf(await token())).toMatchObject({ role: 'steward' });
    expect((await token('root')).status).toBe(400);
    expect((await ask('/v1/session/token', { method: 'POST' })).status).toBe(401);
  });

  it('U2: a hub token is no session and no code, and a session is no code', async () => {
    const ask = serve();
    const { cookie, answer } = await signIn(ask);
    const session = cookie.slice(cookie.indexOf('=') + 1);
    const hubToken = String(answerOf(answer)['token']);
    expect((await ask('/v1/session', { method: 'POST', body: { code: session } })).status).toBe(401);
    expect((await ask('/v1/session', { method: 'POST', body: { code: hubToken } })).status).toBe(401);
    const headers = { cookie: `pursight-session-8080=${hubToken}` };
    expect((await ask('/v1/session/token', { method: 'POST', headers })).status).toBe(401);
  });

  it('U2: neither a form of another site nor another machine gets anything', async () => {
    const ask = serve();
    const { cookie } = await signIn(ask);
    const from = (more: Parameters<Ask>[1]): Promise<HttpResponse> =>
      ask('/v1/session/token', { method: 'POST', ...more, headers: { cookie, ...more?.headers } });
    expect((await from({ headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await from({ headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await from({ headers: { host: 'rebound.example' } })).status).toBe(403);
    expect((await from({ peer: '192.168.1.9' })).status).toBe(403);
    expect(answerOf(await ask('/v1/session', { peer: '192.168.1.9' }))).toEqual({ signIn: 'token' });
  });

  it.each([
    ['in production', { env: 'production' } as const, jwtSecret],
    ['where tokens come from elsewhere', {}, ''],
  ])('there is none %s', async (_name, changes, secret) => {
    const ask = serve(changes, secret === '' ? null : secret);
    expect(answerOf(await ask('/v1/session'))).toEqual({ signIn: 'token' });
    expect((await ask('/v1/session', { method: 'POST', body: { code: code() } })).status).toBe(404);
  });

  it('two hubs of one machine keep a session each, though a browser sends the cookies of both to both', async () => {
    const [one, two] = [serve(), serve({}, `${jwtSecret}-two`)];
    const first = await signIn(one);
    const headers = { host: '127.0.0.1:9090' };
    const body = { code: mintSignInCode({ jwtSecret: `${jwtSecret}-two`, issuer: 'pursight', tenant: 'demo' }) };
    const second = await two('/v1/session', { method: 'POST', body, headers });
    const cookies = new Map(
      [first.cookie, second.headers?.['set-cookie']?.split(';')[0] ?? ''].map((each) => [each.split('=')[0], each]),
    );
    const cookie = [...cookies.values()].join('; ');
    const again = [
      await one('/v1/session/token', { method: 'POST', headers: { cookie } }),
      await two('/v1/session/token', { method: 'POST', headers: { ...headers, cookie } }),
    ];
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('signing out takes the cookie back', async () => {
    const ask = serve();
    const { cookie } = await signIn(ask);
    const { status, headers } = await ask('/v1/session', { method: 'DELETE', headers: { cookie } });
    expect([status, headers?.['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    // a copy of it is worth nothing
    expect((await ask('/v1/session/token', { method: 'POST', headers: { cookie } })).status).toBe(401);
  });
});
