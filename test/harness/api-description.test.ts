import { expect, it } from 'vitest';
import { apiDescription } from './api-description.ts';

const problem = {
  type: '/v1/errors/not-found',
  title: 't',
  status: 404,
  detail: 'd',
  code: 'not-found',
  retryable: false,
};
const me = {
  tenant: 'a',
  sub: 'b',
  roles: [],
  capabilities: { read: true, write: [], declassify: true, administer: false, operate: false },
};

async function faultOf(status: number, body: object, path = '/v1/me'): Promise<string | undefined> {
  const contentType = status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json';
  const text = JSON.stringify(body);
  return (await apiDescription()).faultOf({ method: 'GET', path, status, contentType, text });
}

it('answers are held to the description: members, types, statuses, codes and forms', async () => {
  expect(await faultOf(200, me)).toBeUndefined();
  expect(await faultOf(200, { ...me, roles: undefined })).toContain("'roles'");
  expect(await faultOf(200, { ...me, roles: 'steward' })).toContain('/roles');
  expect(await faultOf(200, { ...me, secret: 1 })).toContain('secret');
  expect(await faultOf(200, { ...me, capabilities: { ...me.capabilities, more: true } })).toContain('more');
  expect(await faultOf(201, me)).toContain('the status is not described');
  expect(await faultOf(404, problem, '/v1/assets/a')).toBeUndefined();
  expect(await faultOf(404, { ...problem, code: 'unknown-connector' }, '/v1/assets/a')).toContain('/code');
  expect(await faultOf(404, { ...problem, more: 1 }, '/v1/assets/a')).toContain('more');
});
