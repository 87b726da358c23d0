import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.ts';
import { resolveSecrets } from './secrets.ts';

const strong = 'Zq8-vT3kLm0pXr5yBn7cWd2fGh4jKs6a';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'hub-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function resolve(environment: Readonly<Record<string, string>>): ReturnType<typeof resolveSecrets> {
  return resolveSecrets(readSettings({ PURSIGHT_DATA_DIR: join(folder, 'data'), ...environment }));
}

describe('resolveSecrets in development', () => {
  it('makes strong secrets once, readable by the owner only, and keeps them', () => {
    const first = resolve({});
    expect(first.secret.length).toBeGreaterThanOrEqual(32);
    expect(first.jwtSecret).not.toBe(first.secret);
    expect(resolve({})).toEqual(first);
    const [file, ...rest] = readdirSync(join(folder, 'data'));
    expect(rest).toEqual([]);
    expect(statSync(join(folder, 'data', file!)).mode & 0o777).toBe(0o600);
  });

  it('another data folder has other secrets', () => {
    expect(resolve({ PURSIGHT_DATA_DIR: join(folder, 'other') }).secret).not.toBe(resolve({}).secret);
  });

  it('takes what is given and writes nothing that is not needed', () => {
    expect(resolve({ PURSIGHT_SECRET: 'given', PURSIGHT_JWT_SECRET: 'also given' })).toEqual({
      previousSecrets: [],
      secret: 'given',
      jwtSecret: 'also given',
    });
    expect(resolve({ PURSIGHT_SECRET: 'given', PURSIGHT_JWKS_URL: 'https://x' })).toEqual({
      previousSecrets: [],
      secret: 'given',
      jwtSecret: undefined,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(resolve({ PURSIGHT_SECRET: 'given' })).toMatchObject({
      secret: 'given',
      jwtSecret: expect.stringMatching(/.{32}/),
    });
  });

  it('D8: with a public key no shared secret is made that would let tokens in', () => {
    expect(resolve({ PURSIGHT_JWKS_URL: 'https://x' }).jwtSecret).toBeUndefined();
  });
});

describe('resolveSecrets in production', () => {
  const production = { PURSIGHT_ENV: 'production' };

  it.each<[Record<string, string>, readonly string[]]>([
    [
      {},
      [
        'PURSIGHT_SECRET: must be set',
        'PURSIGHT_JWT_SECRET, PURSIGHT_JWT_PUBLIC_KEY_FILE or PURSIGHT_JWKS_URL: one must be set',
      ],
    ],
    [{ PURSIGHT_SECRET: strong }, ['one must be set in production']],
    [{ PURSIGHT_SECRET: 'short', PURSIGHT_JWT_SECRET: strong }, ['PURSIGHT_SECRET: too weak']],
    [{ PURSIGHT_SECRET: 'ab'.repeat(20), PURSIGHT_JWT_SECRET: strong }, ['PURSIGHT_SECRET: too weak']],
    [{ PURSIGHT_SECRET: strong, PURSIGHT_JWT_SECRET: 'short' }, ['PURSIGHT_JWT_SECRET: too weak']],
  ])('refuses %j', (environment, problems) => {
    for (const problem of problems) {
      expect(() => resolve({ ...production, ...environment })).toThrow(
        expect.objectContaining({ code: 'config-invalid', message: expect.stringContaining(problem) }),
      );
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('starts with strong ones, and with a public key instead of a token secret', () => {
    expect(resolve({ ...production, PURSIGHT_SECRET: strong, PURSIGHT_JWT_SECRET: strong })).toEqual({
      previousSecrets: [],
      secret: strong,
      jwtSecret: strong,
    });
    expect(
      resolve({ ...production, PURSIGHT_SECRET: strong, PURSIGHT_JWKS_URL: 'https://x' }).jwtSecret,
    ).toBeUndefined();
  });
});
