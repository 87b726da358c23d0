import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { clientVersion } from './client-version.ts';
import { createHub } from './create-hub.ts';

test('the version sent to the hub is the one of the package', () => {
  expect(clientVersion).toBe(`${packageJson.name} ${packageJson.version}`);
});

test.each(['', 'not an address', 'ftp://hub'])('refuses the address %j with the name of the field', (url) => {
  expect(() => createHub({ url, token: 't' })).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining('`url`') }),
  );
});

test.each([{ minMs: 0 }, { minMs: 30_000 }, { maxMs: Number.NaN }])('refuses the waiting times %j', (reconnect) => {
  expect(() => createHub({ url: 'http://127.0.0.1', token: 't', reconnect })).toThrow(
    expect.objectContaining({ code: 'invalid-request' }),
  );
});
