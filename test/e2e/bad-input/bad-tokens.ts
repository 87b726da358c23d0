import jwt from 'jsonwebtoken';
import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import { testSecrets, tokenFor } from '../../harness/hub-process.ts';

export interface BadToken {
  readonly name: string;
  readonly token: string;
  readonly code: ErrorCode;
}

const claims = { sub: 'ada', tenant: 'acme', roles: ['admin'], iss: 'pursight', aud: 'pursight-hub' };
const now = Math.floor(Date.now() / 1000);

/** Signed as the hub expects it; undefined leaves a claim out. */
function signed(changed: Readonly<Record<string, unknown>>, secret = testSecrets.jwt): string {
  const all = Object.entries({ ...claims, exp: now + 600, ...changed }).filter(([, value]) => value !== undefined);
  return handMade({ alg: 'HS256', typ: 'JWT' }, JSON.stringify(Object.fromEntries(all)), secret);
}

/** The library refuses to sign some of what an attacker would: payloads go in as text, the header as given. */
function handMade(header: object, payload: string, secret: string): string {
  const text = jwt.sign(payload, secret, { algorithm: 'HS256', header: { alg: 'HS256', ...header } });
  return text;
}

function unsigned(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims, exp: now + 600 })}.`;
}

function withoutSignature(): string {
  return signed({}).split('.').slice(0, 2).join('.') + '.';
}

/** The first character of the signature changed: the last one may hold unused bits. */
function damaged(): string {
  const [header, payload, signature = ''] = signed({}).split('.');
  return [header, payload, (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)].join('.');
}

export const badTokens: readonly BadToken[] = [
  { name: 'garbage', token: 'garbage', code: 'unauthenticated' },
  { name: 'three parts of garbage', token: 'a.b.c', code: 'unauthenticated' },
  { name: 'wrong secret', token: signed({}, `${testSecrets.jwt}x`), code: 'unauthenticated' },
  { name: 'alg none', token: unsigned(), code: 'unauthenticated' },
  { name: 'no signature', token: withoutSignature(), code: 'unauthenticated' },
  { name: 'damaged signature', token: damaged(), code: 'unauthenticated' },
  {
    name: 'another algorithm',
    token: jwt.sign({ ...claims, exp: now + 600 }, testSecrets.jwt, { algorithm: 'HS512' }),
    code: 'unauthenticated',
  },
  { name: 'payload that is no JSON', token: handMade({}, 'hello', testSecrets.jwt), code: 'unauthenticated' },
  { name: 'payload that is a list', token: handMade({ typ: 'JWT' }, '[1]', testSecrets.jwt), code: 'unauthenticated' },
  { name: 'expired', token: tokenFor({ roles: ['admin'], ttlSeconds: -60 }), code: 'token-expired' },
  { name: 'not valid yet', token: signed({ nbf: now + 600 }), code: 'unauthenticated' },
  { name: 'no exp', token: signed({ exp: undefined }), code: 'unauthenticated' },
  { name: 'exp as text', token: signed({ exp: 'tomorrow' }), code: 'unauthenticated' },
  { name: 'exp beyond the calendar', token: signed({ exp: 1e15 }), code: 'unauthenticated' },
  { name: 'no sub', token: signed({ sub: undefined }), code: 'unauthenticated' },
  { name: 'empty sub', token: signed({ sub: '' }), code: 'unauthenticated' },
  { name: 'sub as number', token: signed({ sub: 7 }), code: 'unauthenticated' },
  { name: 'sub too long', token: signed({ sub: 'x'.repeat(257) }), code: 'unauthenticated' },
  { name: 'no tenant', token: signed({ tenant: undefined }), code: 'unauthenticated' },
  { name: 'tenant with a separator', token: signed({ tenant: 'acme|other' }), code: 'unauthenticated' },
  { name: 'tenant with capitals', token: signed({ tenant: 'Acme' }), code: 'unauthenticated' },
  { name: 'tenant as list', token: signed({ tenant: ['acme'] }), code: 'unauthenticated' },
  { name: 'no issuer', token: signed({ iss: undefined }), code: 'unauthenticated' },
  { name: 'wrong issuer', token: signed({ iss: 'somebody' }), code: 'unauthenticated' },
  { name: 'no audience', token: signed({ aud: undefined }), code: 'unauthenticated' },
  { name: 'wrong audience', token: signed({ aud: 'another-service' }), code: 'unauthenticated' },
  { name: 'roles as text', token: signed({ roles: 'admin' }), code: 'unauthenticated' },
  { name: 'roles as object', token: signed({ roles: { admin: true } }), code: 'unauthenticated' },
  { name: 'a role that is no text', token: signed({ roles: ['admin', 1] }), code: 'unauthenticated' },
];

/** Longer than the headers of one engine may be, so it is told apart: refused over HTTP before the hub sees it. */
export const tooLongToken = tokenFor({ roles: ['admin'], claims: { padding: 'x'.repeat(20_000) } });
