import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { createSelection } from '../subscription/selection.ts';
import { SelectionIndex } from '../subscription/selection-index.ts';
import { termsOf } from '../subscription/term.ts';
import type { HubEvent } from './hub-event.ts';
import { isJsonObject, type JsonValue } from './json.ts';
import { forms } from '../forms/forms.ts';
import { NewerForm } from '../forms/form-of.ts';
import type { Head } from './head.ts';
import { readEvent } from './upgrade-event.ts';
import { parseEvent } from './parse-event.ts';
import { wireOf } from '../../test/harness/wire-of.ts';
import { createForm } from '../wire/form.ts';
import { carriedDocument } from '../wire/wire-event.ts';

const classification = {
  scheme: 'pii',
  name: 'email',
  origin: 'automated',
  state: 'confirmed',
  level: 3,
  from: 'atlas',
  connector: 'atlas',
} as const;
const document = sampleAsset('acme', 'urn:a', {
  version: 2,
  name: 'orders',
  classifications: [classification],
  columns: [{ key: 'id', name: 'id', classifications: [classification] }],
});
const sample = sampleEvent(document);
const whole: HubEvent = {
  ...sample,
  data: { ...sample.data, heads: { before: sample.data.heads.after, after: sample.data.heads.after }, after: document },
};
const good = JSON.parse(JSON.stringify(whole)) as JsonValue;

function pathsOf(value: JsonValue, path: readonly string[] = []): readonly (readonly string[])[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...members.flatMap(([key, member]) => pathsOf(member as JsonValue, [...path, key]))];
}

function changedAt(value: JsonValue, [key, ...rest]: readonly string[], put: JsonValue | undefined): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value))
    return value.map((item: JsonValue, index) => (String(index) === key ? changedAt(item, rest, put) : item));
  if (!isJsonObject(value)) return value;
  return { ...value, [key]: changedAt(value[key] ?? null, rest, put) };
}

/** Everything that is done with an event of the log before it is handed over. */
function workOn(event: HubEvent): void {
  const { before, after } = event.data.heads;
  const index = new SelectionIndex<null>();
  const filters = [{ name: { $gt: 'a' } }, { $not: { tags: 'pii/email' } }, { owners: { $exists: true } }];
  for (const filter of filters) index.add(createSelection('assets', filter, { mode: 'view' }), null);
  index.add(createSelection('classification:pii/*'), null);
  for (const { selection } of index.candidates(before, after))
    for (const head of [before, after]) if (head !== null) selection.matches(head);
  for (const head of [before, after]) if (head !== null) termsOf(head);
  for (const transition of ['enter', 'update', 'leave'] as const)
    for (const form of [createForm(), createForm({ shape: 'entity' }), createForm({ fields: ['tags', 'columns'] })])
      wireOf(event, transition, { form, shown: carriedDocument(event) });
  expect(Date.parse(event.recordedtime)).not.toBeNaN();
}

describe('a record of the log', () => {
  it('of the hub is read as it is', () => {
    expect(parseEvent(JSON.stringify(good))).toEqual(good);
    expect(parseEvent(JSON.stringify({ ...(good as object), newer: { than: 'this' } }))).toBeDefined();
  });

  it.each(['', 'text', 'null', '7', '[]', '{}', '{"tenant":"a","subject":"b","data":{"version":1,"heads":{}}}'])(
    'R1: %s is none',
    (text) => expect(parseEvent(text)).toBeUndefined(),
  );

  it('R1: with anything anywhere is none, or can be worked on', () => {
    const value = fc.oneof(
      fc.constantFrom<JsonValue | undefined>(undefined, null, 0, -1, 1.5, '', 'text', true, [], {}, [null], [7], [{}]),
      fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
    );
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(good)), value, (path, put) => {
        const event = parseEvent(JSON.stringify(changedAt(good, path, put)) ?? '');
        if (event !== undefined) workOn(event);
      }),
      { numRuns: 2000 },
    );
  });

  it('R4: of a newer release is not passed over, whatever else it says', () => {
    const newer = { ...(good as object), v: forms.event.reads + 1 };
    expect(() => parseEvent(JSON.stringify(newer))).toThrow(NewerForm);
    const { tenant, subject, id, recordedtime } = good as unknown as HubEvent;
    const named = { v: forms.event.reads + 1, tenant, subject, id, recordedtime };
    expect(() => parseEvent(JSON.stringify(named))).toThrow(NewerForm);
    for (const v of [0, -1, 1.5, '2', null, [], {}])
      expect(parseEvent(JSON.stringify({ ...(good as object), v }))).toBeUndefined();
  });

  it('R4: a record of somebody else ends no node, whatever version it says it has', () => {
    for (const foreign of [
      {},
      { app: 'another' },
      { tenant: 'acme', subject: 'urn:a' },
      { tenant: 1, subject: 2, id: 3 },
    ])
      expect(parseEvent(JSON.stringify({ v: forms.event.reads + 1, ...foreign }))).toBeUndefined();
  });

  it('R4: of the first form is read as one of today: its paths name nothing, its heads know what is confirmed', () => {
    const suggested = { ...classification, name: 'iban', state: 'suggested' } as const;
    const tagged = sampleAsset('acme', 'urn:a', { classifications: [classification, suggested] });
    const { heads, change, ...data } = sampleEvent(tagged).data;
    const { confirmedTags: _, ...head } = heads.after as Head;
    const ops = [
      { op: 'replace', path: '/description', old: 'a', new: 'b' },
      { op: 'add', path: '/owners/ada', new: { id: 'ada', type: 'user' } },
      { op: 'remove', path: '/owners/bob', old: { id: 'bob', type: 'user' } },
      { op: 'add', path: '/columns/k/classifications/atlas/pii/email', new: {} },
    ];
    const { v: _v, ...event } = sample;
    const first = { ...event, data: { ...data, change: { ...change, ops }, heads: { before: null, after: head } } };
    const read = parseEvent(JSON.stringify(first));
    expect(read?.v).toBe(2);
    expect(read?.data.heads.after).toMatchObject({ tags: ['pii/email', 'pii/iban'], confirmedTags: ['pii/email'] });
    expect(read?.data.change.ops).toEqual([
      ops[0],
      { op: 'replace', path: '/owners' },
      { op: 'replace', path: '/columns' },
    ]);
    expect(readEvent(JSON.stringify(first))).toEqual(read);
  });
});
