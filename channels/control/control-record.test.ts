import { expect, it } from 'vitest';
import { isUnread, parseControlRecord, parseControlText } from './control-record.ts';
import type { RevocationRecord } from './revocation.ts';

const at = '2026-05-04T00:00:00.000Z';
const good: RevocationRecord = {
  kind: 'revocation',
  v: 1,
  id: 'r',
  tenant: 'acme',
  target: { kind: 'subject', subject: 'ada', issuedBefore: at },
  by: 'root',
  at,
  expiresAt: at,
};

it.each([
  ['token', { kind: 'token', token: 't' }],
  ['session', { kind: 'session', session: 's' }],
  ['subject', { kind: 'subject', subject: 'ada', issuedBefore: at }],
  ['all', { kind: 'all', issuedBefore: at }],
])('reads a revocation of one %s, with fields that it does not know', (_name, target) => {
  const record = { ...good, target, colour: 'red' };
  expect(parseControlText(JSON.stringify(record))).toEqual(record);
});

it.each<[string, unknown, object]>([
  ['null', null, { problem: 'garbage', concernsSecurity: false }],
  ['a number', 7, { problem: 'garbage', concernsSecurity: false }],
  ['a list', [good], { problem: 'garbage', concernsSecurity: false }],
  ['a record without kind', { ...good, kind: undefined }, { problem: 'garbage', concernsSecurity: false }],
  ['a kind that is no text', { ...good, kind: 1 }, { problem: 'garbage', concernsSecurity: false }],
  ['another kind', { kind: 'policy', v: 7 }, { problem: 'unknown-kind', kind: 'policy' }],
  ['a name that objects have', { ...good, kind: 'constructor' }, { problem: 'unknown-kind', kind: 'constructor' }],
  ['a long kind', { kind: 'x'.repeat(1e6), v: 1 }, { problem: 'unknown-kind', kind: 'x'.repeat(64) }],
  ['a newer version', { kind: 'revocation', v: 2 }, { problem: 'newer-version', v: 2, concernsSecurity: true }],
  ['no version', { ...good, v: undefined }, { problem: 'garbage', kind: 'revocation', concernsSecurity: true }],
  ['a version that is none', { ...good, v: '1' }, { problem: 'garbage', kind: 'revocation' }],
  ['version 0', { ...good, v: 0 }, { problem: 'garbage', kind: 'revocation' }],
  ['version 1.5', { ...good, v: 1.5 }, { problem: 'garbage', kind: 'revocation' }],
  ['no target', { ...good, target: null }, { problem: 'garbage', kind: 'revocation', v: 1 }],
  ['an unknown target', { ...good, target: { kind: 'everything' } }, { problem: 'garbage', kind: 'revocation', v: 1 }],
])('says why it cannot read %s', (_name, value, unread) => {
  const reading = parseControlRecord(value);
  expect(reading).toMatchObject(unread);
  expect(isUnread(reading)).toBe(true);
  // undefined members are none in JSON
  expect(parseControlText(JSON.stringify(value))).toEqual(reading);
});

it.each(['', 'garbage', '{', '\u0000', '['.repeat(100_000)])('takes text that is no JSON for garbage: %#', (text) => {
  expect(parseControlText(text)).toEqual({ problem: 'garbage', concernsSecurity: false });
});
