import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import { tokenFor } from '../../harness/hub-process.ts';

export interface BadRequest {
  readonly name: string;
  readonly event: string;
  readonly payload: unknown;
  readonly code: ErrorCode;
}

function subscribe(name: string, channel: unknown, code: ErrorCode, filter?: unknown): BadRequest {
  const payload = { id: 'x', channel, ...(filter === undefined ? {} : { filter }) };
  return { name: `subscribe: ${name}`, event: 'subscribe', payload, code };
}

function channel(name: string, value: unknown): BadRequest {
  return subscribe(`channel ${name}`, value, 'invalid-channel');
}

function filter(name: string, value: unknown, code: ErrorCode = 'invalid-filter'): BadRequest {
  return subscribe(`filter ${name}`, 'assets', code, value);
}

function nested(levels: number): object {
  return levels === 0 ? { type: 'table' } : { $not: nested(levels - 1) };
}

const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `v${index}`);

/** What a connected client may ask wrongly, and the code of the answer. */
export const badRequests: readonly BadRequest[] = [
  { name: 'unknown event', event: 'publish', payload: {}, code: 'invalid-request' },
  { name: 'event named as a member of every object', event: 'constructor', payload: {}, code: 'invalid-request' },
  { name: 'event of the hub itself', event: 'welcome', payload: {}, code: 'invalid-request' },
  { name: 'subscribe: null', event: 'subscribe', payload: null, code: 'invalid-request' },
  { name: 'subscribe: text', event: 'subscribe', payload: 'assets', code: 'invalid-request' },
  { name: 'subscribe: list', event: 'subscribe', payload: [{ id: 'x', channel: 'assets' }], code: 'invalid-request' },
  { name: 'subscribe: no id', event: 'subscribe', payload: { channel: 'assets' }, code: 'invalid-request' },
  { name: 'subscribe: empty id', event: 'subscribe', payload: { id: '', channel: 'assets' }, code: 'invalid-request' },
  {
    name: 'subscribe: id with a space',
    event: 'subscribe',
    payload: { id: 'a b', channel: 'assets' },
    code: 'invalid-request',
  },
  {
    name: 'subscribe: id too long',
    event: 'subscribe',
    payload: { id: 'x'.repeat(65), channel: 'assets' },
    code: 'invalid-request',
  },
  {
    name: 'subscribe: unknown field',
    event: 'subscribe',
    payload: { id: 'x', channel: 'assets', tenant: 'other' },
    code: 'invalid-request',
  },
  {
    name: 'subscribe: id in use',
    event: 'subscribe',
    payload: { id: 'held', channel: 'assets' },
    code: 'duplicate-subscription',
  },
  { name: 'unsubscribe: unknown id', event: 'unsubscribe', payload: { id: 'never' }, code: 'unknown-subscription' },
  { name: 'unsubscribe: no id', event: 'unsubscribe', payload: {}, code: 'invalid-request' },
  { name: 'authenticate: no token', event: 'authenticate', payload: {}, code: 'invalid-request' },
  { name: 'authenticate: garbage', event: 'authenticate', payload: { token: 'garbage' }, code: 'unauthenticated' },
  {
    name: 'authenticate: expired',
    event: 'authenticate',
    payload: { token: tokenFor({ roles: ['admin'], ttlSeconds: -60 }) },
    code: 'token-expired',
  },
  {
    name: 'authenticate: too long',
    event: 'authenticate',
    payload: { token: 'x'.repeat(16_385) },
    code: 'unauthenticated',
  },
  {
    name: 'authenticate: somebody else',
    event: 'authenticate',
    payload: { token: tokenFor({ sub: 'eve', roles: ['admin'] }) },
    code: 'forbidden',
  },
  {
    name: 'authenticate: another tenant',
    event: 'authenticate',
    payload: { token: tokenFor({ tenant: 'other', roles: ['admin'] }) },
    code: 'forbidden',
  },
  subscribe('channel missing', undefined, 'invalid-request'),
  subscribe('channel as number', 7, 'invalid-request'),
  channel('empty', ''),
  channel('unknown', 'everything'),
  channel('unknown with a value', 'tenant:other'),
  channel('named as a member of every object', 'constructor'),
  channel('in capitals', 'ASSETS'),
  channel('without value', 'asset:'),
  channel('without form', ':urn'),
  channel('with broken percent', 'classification:%zz/a'),
  channel('with percent that is not UTF-8', 'classification:%ff/a'),
  channel('classification without scheme', 'classification:/email'),
  channel('classification without name', 'classification:pii/'),
  channel('classification without slash', 'classification:pii'),
  channel('too long', `asset:${'x'.repeat(3200)}`),
  subscribe('filter as text', 'assets', 'invalid-request', 'type=table'),
  subscribe('filter as list', 'assets', 'invalid-request', [{ type: 'table' }]),
  subscribe('filter null', 'assets', 'invalid-request', null),
  filter('on an unknown field', { colour: 'red' }),
  filter('on the tenant', { tenant: 'other' }),
  filter('on the prototype', JSON.parse('{"__proto__":{"a":1}}')),
  filter('with an unknown operator', { type: { $regex: '.*' } }),
  filter('with code', { $where: 'true' }),
  filter('without operator', { type: {} }),
  filter('value of another type', { type: 7 }),
  filter('null where none can be', { type: null }),
  filter('severity as text', { severity: 'high' }),
  filter('list as value', { type: ['table'] }),
  filter('order with null', { domain: { $gt: null } }),
  filter('$in without values', { type: { $in: [] } }),
  filter('$in with a text', { type: { $in: 'table' } }),
  filter('$nin with an object', { type: { $nin: [{}] } }),
  filter('$exists with a text', { domain: { $exists: 'yes' } }),
  filter('$startsWith without text', { name: { $startsWith: '' } }),
  filter('$startsWith on a number', { severity: { $startsWith: '1' } }),
  filter('$and without parts', { $and: [] }),
  filter('$or as object', { $or: { type: 'table' } }),
  filter('$not as text', { $not: 'table' }),
  filter('part that is no object', { $and: ['type'] }),
  filter('classifications without $elemMatch', { classifications: { name: 'email' } }),
  filter('$elemMatch with an unknown field', { classifications: { $elemMatch: { colour: 'red' } } }),
  filter('value too long', { name: 'x'.repeat(1025) }),
  filter('nested too deep', nested(6), 'filter-too-large'),
  filter('too many conditions', { $or: texts(33).map((name) => ({ name })) }, 'filter-too-large'),
  filter('too many values', { name: { $in: texts(201) } }, 'filter-too-large'),
];
