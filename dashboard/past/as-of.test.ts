import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnyChange, ChangeLine } from '../feed/feed-event.ts';
import { asOf, reachable } from './as-of.ts';

function line(changes: ChangeLine['changes'], kind: ChangeLine['kind'] = 'update'): ChangeLine {
  return { key: 'k', kind, urn: 'u', name: 'n', type: 't', at: '', actor: '', correlation: '', changes };
}

const people = ['ada', 'bob', 'cem'] as const;
const column = fc.record({ description: fc.constantFrom('', 'x', 'y') });
const documents = fc.array(
  fc.record({
    description: fc.constantFrom('', 'a', 'b'),
    owners: fc.uniqueArray(fc.record({ id: fc.constantFrom(...people), role: fc.constantFrom('r', 's') }), {
      selector: ({ id }) => id,
    }),
    terms: fc.uniqueArray(fc.constantFrom(...people)),
    columns: fc.dictionary(fc.constantFrom('c1', 'c2'), column, { noNullPrototype: true }),
  }),
  { minLength: 2, maxLength: 6 },
);
type Document = (typeof documents extends fc.Arbitrary<infer List> ? List : never)[number];

/** As the hub shows it. */
function shown({ description, columns, ...rest }: Document) {
  const rows = Object.entries(columns).map(([key, { description: text }]) => ({ key, name: key, description: text }));
  return { ...rest, ...(description === '' ? {} : { description }), columns: rows };
}

/** What differs, with keys that say nothing. */
function changesOf(one: Document, other: Document): ChangeLine['changes'] {
  const changes: [string, AnyChange][] = [];
  const put = <Value extends string | object>(
    pointer: string,
    old: Value | undefined,
    now: Value | undefined,
  ): void => {
    if (JSON.stringify(old) === JSON.stringify(now)) return;
    changes.push([pointer, JSON.parse(JSON.stringify({ old, new: now })) as AnyChange]);
  };
  put('/description', one.description || undefined, other.description || undefined);
  for (const [at, id] of people.entries()) {
    put(`/owners/o${at}`, ...pair((each) => each.owners.find((owner) => owner.id === id)));
    put(`/terms/t${at}`, ...pair((each) => each.terms.find((term) => term === id)));
  }
  for (const key of ['c1', 'c2']) {
    put(`/columns/${key}/name`, ...pair((each) => each.columns[key] && key));
    put(`/columns/${key}/description`, ...pair((each) => each.columns[key]?.description));
  }
  return changes;

  function pair<Value>(of: (document: Document) => Value): [Value, Value] {
    return [of(one), of(other)];
  }
}

/** Lists in an order of their own: in which order elements were is not told. */
function sorted(document: object): object {
  const entries = Object.entries(document).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((each) => JSON.stringify(each)).toSorted() : value,
  ]);
  return Object.fromEntries(entries) as object;
}

it('an asset is before its changes what it was', () => {
  fc.assert(
    fc.property(documents, (versions) => {
      const lines = versions.slice(1).map((version, at) => line(changesOf(versions[at] ?? version, version)));
      const [now = versions[0], newer] = [versions.at(-1), lines.toReversed()];
      for (const [at, version] of versions.entries()) {
        const { document } = asOf(shown(now as Document), newer.slice(0, versions.length - 1 - at));
        expect(sorted(document)).toEqual(sorted(shown(version)));
      }
    }),
  );
});

it('says what it does not know, and leaves what people say of lists out', () => {
  const changes = line([
    ['/description', {}],
    ['/curated/description', { old: { value: 'x' }, new: { value: 'y' } }],
    ['/curated/owners/k', { new: { key: 'ada' } }],
  ]);
  expect(asOf({ description: 'y', curated: { owners: { added: [] } } }, [changes])).toEqual({
    document: { description: 'y', curated: { description: { value: 'x' }, owners: { added: [] } } },
    unknown: ['/description'],
  });
});

it('of a tag that was suggested and then confirmed both are told apart', () => {
  const tag = { scheme: 'pii', name: 'x' };
  const [suggested, confirmed] = [
    { ...tag, state: 'suggested' },
    { ...tag, state: 'confirmed' },
  ];
  const now = { classifications: [suggested, confirmed] };
  expect(asOf(now, [line([['/classifications/k', { new: confirmed }]])]).document).toEqual({
    classifications: [suggested],
  });
});

it('one can look back to the last appearance or gap', () => {
  const [update, enter] = [line([]), line([], 'enter')];
  const gap = { key: 'g', kind: 'gap', reason: 'coverage', at: '' } as const;
  expect(reachable([update, update, gap, update])).toHaveLength(2);
  expect(reachable([update, enter, line([], 'leave'), update])).toEqual([update, enter]);
});
