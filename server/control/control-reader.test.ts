import { beforeEach, expect, it } from 'vitest';
import type { Logger } from '../observability/logger.ts';
import { ControlReader } from './control-reader.ts';

let said: (readonly [level: string, facts: object])[];
let counted: string[];
let reader: ControlReader;
beforeEach(() => {
  [said, counted] = [[], []];
  const logger = {
    warn: (facts: object) => said.push(['warn', facts]),
    error: (facts: object) => said.push(['error', facts]),
  } as unknown as Logger;
  reader = new ControlReader({ logger, onUnread: (problem, kind) => counted.push(`${problem} ${kind}`) });
});

it('counts every record that it skips, and says each kind and problem once', () => {
  const texts = ['garbage', '', '{"kind":"policy","v":1}', '{"kind":"policy","v":2}', '{"kind":"tenant","v":1}'];
  for (const text of texts) expect(reader.readText(text, 'topic')).toBeUndefined();
  expect(counted).toEqual([...Array(2).fill('garbage other'), ...Array(3).fill('unknown-kind other')]);
  expect(said).toEqual([
    ['warn', { problem: 'garbage', from: 'topic' }],
    ['warn', { problem: 'unknown-kind', from: 'topic', kind: 'policy' }],
    ['warn', { problem: 'unknown-kind', from: 'topic', kind: 'tenant' }],
  ]);
});

it('P7: is loud where a newer release took rights back in a form that it cannot read', () => {
  for (const v of [2, 3]) reader.read({ kind: 'revocation', v }, 'bus');
  expect(counted).toEqual(['newer-version revocation', 'newer-version revocation']);
  expect(said).toEqual([['error', { problem: 'newer-version', from: 'bus', kind: 'revocation', v: 2 }]]);
});

it('remembers a bounded number of kinds, whatever senders call theirs, and keeps room for what is loud', () => {
  for (let index = 0; index < 1000; index++) reader.read({ kind: `kind-${index}`, v: 1 }, 'topic');
  reader.read({ kind: 'revocation', v: 2 }, 'topic');
  expect(counted).toHaveLength(1001);
  expect(said.filter(([level]) => level === 'warn')).toHaveLength(100);
  expect(said.at(-1)).toMatchObject(['error', { kind: 'revocation' }]);
});

it('counts a stored record that it skips once, however often the store is looked at', () => {
  const newer = { kind: 'revocation', v: 2, id: 'a' };
  const damaged = { kind: 'revocation', v: 1 };
  const look = (...values: readonly object[]): readonly string[] => {
    counted.length = 0;
    expect(reader.readStored(values)).toEqual([]);
    return [...counted];
  };
  expect(look(newer, damaged)).toEqual(['newer-version revocation', 'garbage revocation']);
  expect(look(damaged, newer)).toEqual([]);
  // another that is damaged in the same way
  expect(look(damaged, newer, { ...damaged })).toEqual(['garbage revocation']);
  expect(look(newer)).toEqual([]);
  expect(look(damaged, newer, { ...damaged }, { ...newer, id: 'b' })).toEqual(['newer-version revocation']);
});
