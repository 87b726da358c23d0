import { expect, it } from 'vitest';
import { createOriginCheck } from '../identity/origin-check.ts';
import { heldBody, type HttpRequest, type HttpResponse } from '../transport/http.ts';
import { withCors } from './cors.ts';

const handler = withCors(
  async () => ({ status: 200, body: 'answer' }),
  createOriginCheck({ allowed: ['https://page.example'], allowLoopback: false }),
);

function ask(method: string, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
  const request: HttpRequest = {
    ...{ method, path: '/v1/documents', query: new URLSearchParams(), headers },
    ...heldBody(new Uint8Array()),
    peer: '127.0.0.1',
  };
  return handler(request);
}

it('answers the preflight of an allowed page, and lets it read the answer', async () => {
  const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization,x-one' };
  const preflight = await ask('OPTIONS', { origin: 'https://page.example', ...asked });
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': 'https://page.example',
      'access-control-allow-headers': 'authorization,x-one',
    },
  });
  expect(await ask('GET', { origin: 'https://page.example' })).toMatchObject({
    body: 'answer',
    headers: { 'access-control-allow-origin': 'https://page.example', vary: 'origin' },
  });
});

it('refuses the preflight of another page, says why, and shares nothing with it', async () => {
  const refused = await ask('OPTIONS', { origin: 'https://evil.example', 'access-control-request-method': 'GET' });
  expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('origin-not-allowed')]);
  for (const response of [refused, await ask('GET', { origin: 'https://evil.example' })])
    expect(Object.keys(response.headers ?? {})).not.toContain('access-control-allow-origin');
});

it('repeats no header names that are none', async () => {
  const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'x\r\nset-cookie: a=b' };
  const preflight = await ask('OPTIONS', { origin: 'https://page.example', ...asked });
  expect(JSON.stringify(preflight.headers)).not.toContain('set-cookie');
});

it('changes nothing for programs, which send no origin', async () => {
  expect(await ask('GET', {})).toEqual({ status: 200, body: 'answer' });
});
