import { describe, expect, it } from 'vitest';
import { assertLocal } from './local-request.ts';

const own = { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-origin' };

describe('a request of this machine', () => {
  it.each([
    ['127.0.0.1', own],
    ['::1', { host: '[::1]:8080' }],
    ['::ffff:127.0.0.1', own],
    ['0000:0000:0000:0000:0000:0000:0000:0001', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
    ['127.0.0.1', { host: 'LOCALHOST' }],
  ])('from %s with %j is let through', (peer, headers) => {
    expect(() => assertLocal({ peer, headers })).not.toThrow();
  });

  it.each([
    ['another machine', '10.0.0.7', own, 'address'],
    ['no address', '', own, 'address'],
    ['a name of a foreign site that leads here', '127.0.0.1', { ...own, host: 'evil.example:8080' }, 'host'],
    ['a name that begins like ours', '127.0.0.1', { ...own, host: 'localhost.evil.example' }, 'host'],
    ['no host', '127.0.0.1', {}, 'host'],
    ['a page of another site', '127.0.0.1', { ...own, 'sec-fetch-site': 'cross-site' }, 'sec-fetch-site'],
    ['a page of another port', '127.0.0.1', { ...own, 'sec-fetch-site': 'same-site' }, 'sec-fetch-site'],
    ['another origin', '127.0.0.1', { host: own.host, origin: 'http://127.0.0.1:3000' }, 'origin'],
    ['a sandboxed page', '127.0.0.1', { host: own.host, origin: 'null' }, 'origin'],
  ])('U2: from %s is refused', (_name, peer, headers, part) => {
    expect(() => assertLocal({ peer, headers })).toThrow(
      expect.objectContaining({ code: 'forbidden', message: expect.stringContaining(part) as string }),
    );
  });
});
