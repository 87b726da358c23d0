import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { createSelection } from '../subscription/selection.ts';
import { SelectionIndex } from '../subscription/selection-index.ts';
import { termsOf } from '../subscription/term.ts';
import type { HubEvent } from './hub-event.ts';
import { isJsonObject, type JsonValue } from './json.ts';
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
});
