import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import { tokenFor } from '../../harness/hub-process.ts';

export interface BadHttp {
  readonly name: string;
  readonly path: string;
  readonly code: ErrorCode;
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** Small enough that a test can exceed it, large enough for what must get in. */
export const maxBodyBytes = 256 * 1024;

export const admin = tokenFor({ roles: ['admin'] });
const writer = tokenFor({ roles: ['writer'] });
const reader = tokenFor({ roles: ['steward'] });
const stranger = tokenFor({ roles: ['admin'], tenant: 'other' });
const structured = { 'content-type': 'application/cloudevents+json' };
const batch = { 'content-type': 'application/cloudevents-batch+json' };
const valid = JSON.stringify({
  specversion: '1.0',
  id: 'h-1',
  source: '/h',
  type: 'gov.asset.created',
  subject: 's',
  data: { asset: { name: 's', type: 'table' } },
});
const gzipped = (bytes: string | Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(bytes));

function ingest(
  name: string,
  code: ErrorCode,
  rest: Omit<BadHttp, 'name' | 'code' | 'path'> & { readonly path?: string },
): BadHttp {
  return { name: `ingest: ${name}`, path: '/v1/ingest/events', code, token: writer, headers: structured, ...rest };
}

function get(name: string, path: string, code: ErrorCode, token?: string): BadHttp {
  return { name, path, code, ...(token === undefined ? {} : { token }) };
}

export const badHttp: readonly BadHttp[] = [
  ingest('no JSON', 'invalid-json', { body: 'hello' }),
  ingest('empty body', 'invalid-json', { body: '' }),
  ingest('two values', 'invalid-json', { body: `${valid}${valid}` }),
  ingest('no content type', 'unsupported-media-type', { body: new TextEncoder().encode(valid), headers: {} }),
  ingest('form', 'unsupported-media-type', {
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
  ingest('another character set', 'unsupported-media-type', {
    body: valid,
    headers: { 'content-type': 'application/cloudevents+json; charset=latin1' },
  }),
  ingest('another event format', 'unsupported-media-type', {
    body: valid,
    headers: { 'content-type': 'application/cloudevents+avro' },
  }),
  ingest('batch that is an object', 'invalid-message', { body: valid, headers: batch }),
  ingest('batch with one bad event', 'invalid-message', { body: `[${valid},{}]`, headers: batch }),
  ingest('batch of too many', 'message-too-large', { body: `[${'0,'.repeat(100_000)}0]`, headers: batch }),
  ingest('unknown encoding', 'unsupported-media-type', {
    body: valid,
    headers: { ...structured, 'content-encoding': 'br' },
  }),
  ingest('gzip that is none', 'invalid-message', {
    body: valid,
    headers: { ...structured, 'content-encoding': 'gzip' },
  }),
  ingest('gzip cut off', 'invalid-message', {
    body: gzipped(valid).slice(0, -12),
    headers: { ...structured, 'content-encoding': 'gzip' },
  }),
  ingest('gzip bomb', 'message-too-large', {
    body: gzipped(new Uint8Array(100 * 1024 * 1024)),
    headers: { ...structured, 'content-encoding': 'gzip' },
  }),
  ingest('body too large', 'message-too-large', { body: ' '.repeat(maxBodyBytes + 1) }),
  ingest('urn outside the namespace', 'outside-namespace', {
    body: valid.replace('"subject":"s"', '"subject":"urn:gov:else:1"'),
  }),
  ingest('unknown connector', 'unknown-connector', { body: valid, path: '/v1/ingest/nothing' }),
  ingest('connector of another tenant', 'unknown-connector', { body: valid, path: '/v1/ingest/foreign' }),
  ingest('from another tenant', 'unknown-connector', { body: valid, token: stranger }),
  ingest('connector named as a member of every object', 'unknown-connector', {
    body: valid,
    path: '/v1/ingest/__proto__',
  }),
  ingest('without the role', 'forbidden', { body: valid, token: reader }),
  ingest('GET', 'method-not-allowed', { method: 'GET' }),
  ingest('PUT', 'method-not-allowed', { method: 'PUT', body: valid }),
  ingest('DELETE', 'method-not-allowed', { method: 'DELETE' }),
  ingest('import of no JSON', 'invalid-message', { body: 'hello', path: '/v1/import/events' }),
  ingest('import into an unknown connector', 'unknown-connector', { body: '{}', path: '/v1/import/nothing' }),
  { name: 'ingest: no token', path: '/v1/ingest/events', code: 'unauthenticated', headers: structured, body: valid },
  {
    name: 'token with another scheme',
    path: '/v1/documents',
    code: 'unauthenticated',
    headers: { authorization: `Basic ${admin}` },
  },
  { name: 'token without a scheme', path: '/v1/documents', code: 'unauthenticated', headers: { authorization: admin } },
  { name: 'token in the query', path: `/v1/documents?token=${admin}`, code: 'unauthenticated' },
  get('unknown route', '/v2/documents', 'not-found', admin),
  get('no screen', '/nothing', 'not-found'),
  get('route with a slash too many', '/v1/documents/', 'not-found', admin),
  get('path that climbs', '/v1/../../etc/passwd', 'not-found', admin),
  get('a page after more than a urn', `/v1/documents?after=${'z'.repeat(2000)}`, 'invalid-request', admin),
  get('broken percent in the path', '/v1/documents/%zz', 'not-found', admin),
  get('document that is not there', '/v1/documents/urn:gov:none', 'not-found', admin),
  get('filter that is no JSON', '/v1/documents?filter=type', 'invalid-json', admin),
  get('filter that is no filter', '/v1/documents?filter=%5B%5D', 'invalid-filter', admin),
  get('unknown field in the filter', '/v1/documents?filter=%7B%22a%22:1%7D', 'invalid-filter', admin),
  get('unknown channel', '/v1/documents?channel=all', 'invalid-channel', admin),
  get('limit 0', '/v1/documents?limit=0', 'invalid-request', admin),
  get('limit beyond', '/v1/documents?limit=1001', 'invalid-request', admin),
  get('limit as text', '/v1/documents?limit=all', 'invalid-request', admin),
  get('limit with a fraction', '/v1/documents?limit=1.5', 'invalid-request', admin),
  get('limit empty', '/v1/documents?limit=', 'invalid-request', admin),
  get('dead letters without the role', '/v1/deadletters', 'forbidden', reader),
  get('dead letter that is not there', '/v1/deadletters/none', 'not-found', admin),
  get('dead letters with a bad limit', '/v1/deadletters?limit=-1', 'invalid-request', admin),
  get('sessions without the role', '/v1/sessions', 'forbidden', writer),
  get('sessions without a token', '/v1/sessions', 'unauthenticated'),
  {
    name: 'retry of a dead letter that is not there',
    path: '/v1/deadletters/none/retry',
    method: 'POST',
    token: admin,
    code: 'not-found',
  },
  {
    name: 'disconnect of an unknown session',
    path: '/v1/sessions/none/disconnect',
    method: 'POST',
    token: admin,
    code: 'not-found',
  },
  {
    name: 'disconnect without the role',
    path: '/v1/sessions/none/disconnect',
    method: 'POST',
    token: reader,
    code: 'forbidden',
  },
];
