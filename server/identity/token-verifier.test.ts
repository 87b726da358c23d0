import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTokenVerifier, mintToken, type TokenVerifier } from './token-verifier.ts';

const secret = 'Zq8-vT3kLm0pXr5yBn7cWd2fGh4jKs6a';
const expected = {
  ...{ issuer: 'pursight', audience: 'pursight-hub' },
  maxLifetimeMs: 86_400_000,
  clock: { now: () => Date.now() },
};
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const claims = {
  sub: 'ada',
  tenant: 'acme',
  roles: ['steward'],
  iss: 'pursight',
  aud: 'pursight-hub',
  exp: Math.floor(Date.now() / 1000) + 600,
};

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'hub-tokens-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function keyFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function publicKeyVerifier(name: string, key: KeyObject): TokenVerifier {
  return createTokenVerifier({ ...expected, key: { publicKeyFile: keyFile(name, pem(key)) } });
}

/** A token with any header and payload, signed by hand: no library would make the wrong ones. */
function handMade(header: object, payload: object, key: string): string {
  const body = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

const shared = createTokenVerifier({ ...expected, key: { secret } });
const signed = (fields: object = {}): string =>
  jwt.sign(JSON.parse(JSON.stringify({ ...claims, ...fields })) as object, secret, { noTimestamp: true });

describe('token verifier', () => {
  it('says who it is, with roles sorted and each once, and only unregistered claims', async () => {
    const token = signed({ roles: ['steward', 'admin', 'steward'], jti: 't-1', domains: ['hr'], nbf: 1 });
    expect(await shared(token)).toEqual({
      tenant: 'acme',
      sub: 'ada',
      roles: ['admin', 'steward'],
      claims: { domains: ['hr'] },
      tokenId: 't-1',
      expiresAtMs: claims.exp * 1000 + 5000,
    });
  });

  it.each([
    ['no exp', { exp: undefined }, 'exp'],
    ['no sub', { sub: undefined }, 'sub'],
    ['an empty sub', { sub: '' }, 'sub'],
    ['no tenant', { tenant: undefined }, 'tenant'],
    ['a tenant that could leave its key space', { tenant: 'acme|x' }, 'tenant'],
    ['a tenant that is no text', { tenant: ['acme'] }, 'tenant'],
    ['roles that are no list', { roles: 'admin' }, 'roles'],
    ['roles that are no texts', { roles: [1] }, 'roles'],
    ['another issuer', { iss: 'elsewhere' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['another audience', { aud: 'elsewhere' }, 'audience'],
    ['an id that is no text, by which it could not be taken back', { jti: 5 }, 'jti'],
    ['a start in the future', { nbf: claims.exp }, 'not active'],
  ])('D8: refuses %s', async (_name, fields, problem) => {
    await expect(shared(signed(fields))).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(problem),
    });
  });

  it.each([
    ['was issued in the future', { iat: Math.floor(Date.now() / 1000) + 3600 }, 'iat'],
    ['is good for longer than revocations last', { exp: claims.exp + 2 * 86_400 }, 'PURSIGHT_MAX_TOKEN_LIFETIME_MS'],
    [
      'was issued long ago for longer than that',
      { iat: claims.exp - 2 * 86_400, exp: claims.exp },
      'PURSIGHT_MAX_TOKEN_LIFETIME_MS',
    ],
  ])('P7: refuses one that %s: it could not be taken back', async (_name, fields, problem) => {
    await expect(shared(jwt.sign({ ...claims, ...fields }, secret))).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(problem),
    });
  });

  it('D8: refuses extensions that it does not know and the issuer calls critical', async () => {
    const token = handMade({ alg: 'HS256', typ: 'JWT', crit: ['b64'], b64: true }, claims, secret);
    await expect(shared(token)).rejects.toMatchObject({ code: 'unauthenticated', message: /crit/ });
  });

  it('P7: refuses a time of issue that is none', async () => {
    const token = handMade({ alg: 'HS256', typ: 'JWT' }, { ...claims, iat: 'x' }, secret);
    await expect(shared(token)).rejects.toMatchObject({ code: 'unauthenticated', message: /iat/ });
  });

  it('W11: a session lasts as long as its token is accepted, so none is opened and ended in turns', async () => {
    const exp = Math.floor(Date.now() / 1000) - 2;
    const { expiresAtMs } = await shared(signed({ exp }));
    expect(expiresAtMs).toBeGreaterThan(Date.now());
  });

  it('no roles are no roles', async () => {
    expect((await shared(signed({ roles: undefined }))).roles).toEqual([]);
  });

  it('says token-expired, after a little tolerance', async () => {
    const now = Math.floor(Date.now() / 1000);
    await expect(shared(signed({ exp: now - 10 }))).rejects.toMatchObject({ code: 'token-expired' });
    expect(await shared(signed({ exp: now - 1 }))).toMatchObject({ sub: 'ada' });
  });

  it.each([[undefined], [''], [7], [{}], ['not a token'], ['a.b.c'], ['x'.repeat(16_385)]])(
    'refuses %s',
    async (token) => {
      await expect(shared(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  it('D8: refuses another secret, an altered payload, alg none and other HMACs', async () => {
    const [header, , signature] = signed().split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
    const tokens = [
      jwt.sign(claims, `${secret}x`),
      `${header}.${forged}.${signature}`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged}.`,
      jwt.sign(claims, secret, { algorithm: 'HS512' }),
    ];
    for (const token of tokens) await expect(shared(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('takes what mintToken makes', async () => {
    const token = mintToken({
      ...expected,
      secret,
      sub: 'bob',
      tenant: 'acme',
      roles: ['bot'],
      ttlSeconds: 60,
      claims: { domains: ['hr'] },
    });
    expect(await shared(token)).toMatchObject({
      sub: 'bob',
      tenant: 'acme',
      roles: ['bot'],
      claims: { domains: ['hr'] },
    });
  });
});

describe('token verifier with a public key', () => {
  it('takes RS256 with an RSA key and ES256 with a P-256 key, and not the other way round', async () => {
    const [byRsa, byEc] = [publicKeyVerifier('rsa.pem', rsa.publicKey), publicKeyVerifier('ec.pem', ec.publicKey)];
    const [rs, es] = [
      jwt.sign(claims, rsa.privateKey, { algorithm: 'RS256' }),
      jwt.sign(claims, ec.privateKey, { algorithm: 'ES256' }),
    ];
    expect([(await byRsa(rs)).sub, (await byEc(es)).sub]).toEqual(['ada', 'ada']);
    for (const [verify, token] of [
      [byRsa, es],
      [byEc, rs],
      [byRsa, jwt.sign(claims, rsa.privateKey, { algorithm: 'PS256' })],
    ] as const) {
      await expect(verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('D8: refuses a token that is HMAC-signed with the public key', async () => {
    const verify = publicKeyVerifier('rsa2.pem', rsa.publicKey);
    for (const key of [pem(rsa.publicKey), pem(rsa.publicKey).trim()]) {
      await expect(verify(handMade({ alg: 'HS256', typ: 'JWT' }, claims, key))).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
  });

  it('refuses to start with a file that is missing, no key, or a key of another kind', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey;
    for (const publicKeyFile of [
      join(folder, 'none.pem'),
      keyFile('text.pem', 'hello'),
      keyFile('p384.pem', pem(p384)),
    ]) {
      expect(() => createTokenVerifier({ ...expected, key: { publicKeyFile } })).toThrow(
        expect.objectContaining({
          code: 'config-invalid',
          message: expect.stringContaining('PURSIGHT_JWT_PUBLIC_KEY_FILE'),
        }),
      );
    }
  });
});

describe('token verifier with a key set', () => {
  let server: Server;
  let status = 200;
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = jwt.sign(claims, rsa.privateKey, { algorithm: 'RS256', keyid: 'k1' });
  const keys = { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }] };

  beforeAll(async () => {
    server = createServer((request, response) => {
      response.statusCode = status;
      response.end(request.url === '/text' ? 'hello' : JSON.stringify(keys));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const verifier = (path = '/keys'): TokenVerifier =>
    createTokenVerifier({ ...expected, key: { jwksUrl: `${origin()}${path}` } });

  it('takes a token of the set', async () => {
    expect(await verifier()(token)).toMatchObject({ sub: 'ada', tenant: 'acme' });
  });

  it('D8: refuses an unknown key, a foreign signature, HMAC with the public key, and what a claim forbids', async () => {
    const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const tokens = [
      jwt.sign(claims, rsa.privateKey, { algorithm: 'RS256', keyid: 'k2' }),
      jwt.sign(claims, foreign, { algorithm: 'RS256', keyid: 'k1' }),
      handMade({ alg: 'HS256', kid: 'k1' }, claims, pem(rsa.publicKey)),
      handMade({ alg: 'none', kid: 'k1' }, claims, ''),
      jwt.sign({ ...claims, iss: 'elsewhere' }, rsa.privateKey, { algorithm: 'RS256', keyid: 'k1' }),
      jwt.sign({ ...claims, tenant: undefined }, rsa.privateKey, { algorithm: 'RS256', keyid: 'k1' }),
    ];
    for (const each of tokens) await expect(verifier()(each)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('W13: a key that was brought in after the set was read is to be tried again, and is then taken', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const verify = verifier();
      await verify(token);
      const fresh = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const rotated = jwt.sign(claims, fresh.privateKey, { algorithm: 'RS256', keyid: 'k3' });
      keys.keys.push({ ...fresh.publicKey.export({ format: 'jwk' }), kid: 'k3', alg: 'RS256', use: 'sig' });
      vi.advanceTimersByTime(1000);
      await expect(verify(rotated)).rejects.toMatchObject({
        code: 'key-not-known',
        retryable: true,
        retryAfterMs: 4000,
      });
      vi.advanceTimersByTime(4000);
      expect(await verify(rotated)).toMatchObject({ sub: 'ada' });
      // one that is in no set is refused for good as soon as the set was read for it
      vi.advanceTimersByTime(6000);
      const stranger = jwt.sign(claims, fresh.privateKey, { algorithm: 'RS256', keyid: 'k4' });
      await expect(verify(stranger)).rejects.toMatchObject({ code: 'unauthenticated' });
    } finally {
      vi.useRealTimers();
      keys.keys.length = 1;
    }
  });

  it('says token-expired', async () => {
    await expect(
      verifier()(jwt.sign({ ...claims, exp: 1000 }, rsa.privateKey, { algorithm: 'RS256', keyid: 'k1' })),
    ).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('says that trying again can help when the key set cannot be had', async () => {
    const unavailable = { code: 'storage-unavailable', retryable: true, retryAfterMs: 2000 };
    await expect(
      createTokenVerifier({ ...expected, key: { jwksUrl: 'http://127.0.0.1:1/keys' } })(token),
    ).rejects.toMatchObject(unavailable);
    await expect(verifier('/text')(token)).rejects.toMatchObject(unavailable);
    status = 503;
    await expect(verifier()(token)).rejects.toMatchObject(unavailable);
    status = 200;
  });
});
