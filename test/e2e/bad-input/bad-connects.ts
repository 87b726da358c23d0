import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import { tokenFor } from '../../harness/hub-process.ts';

export interface BadConnect {
  readonly name: string;
  readonly auth: unknown;
  readonly code: ErrorCode;
}

const token = tokenFor({ roles: ['admin'] });
const good = { token, protocol: 1, client: 'raw' };

function without(name: keyof typeof good): object {
  return Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
}

/** Payloads of CONNECT that get an error with this code. */
export const badConnects: readonly BadConnect[] = [
  { name: 'no payload', auth: undefined, code: 'unauthenticated' },
  { name: 'empty payload', auth: {}, code: 'unauthenticated' },
  { name: 'no token', auth: without('token'), code: 'unauthenticated' },
  { name: 'empty token', auth: { ...good, token: '' }, code: 'unauthenticated' },
  { name: 'token as number', auth: { ...good, token: 1 }, code: 'unauthenticated' },
  { name: 'token as list', auth: { ...good, token: [token] }, code: 'unauthenticated' },
  { name: 'no protocol', auth: without('protocol'), code: 'invalid-request' },
  { name: 'protocol as a text that is no number', auth: { ...good, protocol: 'one' }, code: 'invalid-request' },
  { name: 'later protocol as text', auth: { ...good, protocol: '2' }, code: 'unsupported-protocol' },
  { name: 'older protocol', auth: { ...good, protocol: 0 }, code: 'unsupported-protocol' },
  { name: 'later protocol', auth: { ...good, protocol: 2 }, code: 'unsupported-protocol' },
  { name: 'only later protocols', auth: { ...good, protocol: 3, oldestProtocol: 2 }, code: 'unsupported-protocol' },
  { name: 'protocol between two', auth: { ...good, protocol: 1.5 }, code: 'invalid-request' },
  { name: 'protocols upside down', auth: { ...good, oldestProtocol: 2 }, code: 'invalid-request' },
  { name: 'no client', auth: without('client'), code: 'invalid-request' },
  { name: 'client as object', auth: { ...good, client: {} }, code: 'invalid-request' },
  { name: 'client too long', auth: { ...good, client: 'x'.repeat(101) }, code: 'invalid-request' },
  { name: 'subscriptions as object', auth: { ...good, subscriptions: {} }, code: 'invalid-request' },
  { name: 'subscriptions as null', auth: { ...good, subscriptions: null }, code: 'invalid-request' },
  { name: 'subscription as text', auth: { ...good, subscriptions: ['assets'] }, code: 'invalid-request' },
  {
    name: 'subscription without id',
    auth: { ...good, subscriptions: [{ channel: 'assets' }] },
    code: 'invalid-request',
  },
  { name: 'subscription without channel', auth: { ...good, subscriptions: [{ id: 'a' }] }, code: 'invalid-request' },
  {
    name: 'subscription with an unknown field',
    auth: { ...good, subscriptions: [{ id: 'a', channel: 'assets', from: 0 }] },
    code: 'invalid-request',
  },
  {
    name: 'subscriptions as a text that is no list',
    auth: { ...good, subscriptions: '{"id":"a"' },
    code: 'invalid-request',
  },
  {
    name: 'thousands of fields',
    auth: { ...good, ...Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`f${index}`, 0])) },
    code: 'invalid-request',
  },
  {
    name: 'a subscription with thousands of fields',
    auth: {
      ...good,
      subscriptions: [Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`f${index}`, 0]))],
    },
    code: 'invalid-request',
  },
  {
    name: 'more subscriptions than a payload may hold',
    auth: {
      ...good,
      subscriptions: Array.from({ length: 1001 }, (_, index) => ({ id: `s${index}`, channel: 'assets' })),
    },
    code: 'invalid-request',
  },
];

/** Subscriptions that are refused one by one while the session stands. */
export const endedAtConnect: readonly {
  readonly id: string;
  readonly channel: string;
  readonly filter?: object;
  readonly code: ErrorCode;
}[] = [
  { id: 'twice', channel: 'nothing', code: 'invalid-channel' },
  { id: 'bad-filter', channel: 'assets', filter: { colour: 'red' }, code: 'invalid-filter' },
];
