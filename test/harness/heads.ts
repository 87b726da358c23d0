import fc from 'fast-check';
import { documentKinds, type Head, type HeadClassification } from '../../channels/event/head.ts';

const plain: Head = {
  tenant: 'acme',
  urn: 'urn:gov:orders',
  kind: 'asset',
  type: 'table',
  name: 'orders',
  fqn: null,
  platform: null,
  connector: 'warehouse',
  domain: null,
  owners: [],
  classifications: [],
  columnClassifications: [],
  tags: [],
  confirmedTags: [],
  status: 'active',
  severity: null,
  refs: [],
};

export function headWith(fields: Partial<Head> = {}): Head {
  return { ...plain, ...fields };
}

const word = fc.constantFrom('a', 'b', 'c');
const schemes = fc.constantFrom('pii', 'gdpr');

const classification: fc.Arbitrary<HeadClassification> = fc.record({
  scheme: schemes,
  name: word,
  level: fc.constantFrom(null, 1, 2, 3),
  origin: fc.constantFrom('manual', 'automated'),
  state: fc.constantFrom('confirmed', 'suggested'),
});

function tagsOf(items: readonly HeadClassification[]): readonly string[] {
  return [...new Set(items.map(({ scheme, name }) => `${scheme}/${name}`))].toSorted();
}

/** The head with the tags that its classifications give. */
export function withTags(head: Head): Head {
  const all = [...head.classifications, ...head.columnClassifications];
  return { ...head, tags: tagsOf(all), confirmedTags: tagsOf(all.filter(({ state }) => state === 'confirmed')) };
}

/** Heads from a small world, so that random filters often match them. */
export const anyHead: fc.Arbitrary<Head> = fc
  .record({
    urn: word,
    kind: fc.constantFrom(...documentKinds),
    type: word,
    name: word,
    fqn: fc.option(word),
    platform: fc.option(word),
    connector: word,
    domain: fc.option(word),
    owners: fc.uniqueArray(word),
    classifications: fc.array(classification, { maxLength: 2 }),
    columnClassifications: fc.array(classification, { maxLength: 2 }),
    status: word,
    severity: fc.option(fc.integer({ min: 1, max: 3 })),
    refs: fc.uniqueArray(word),
  })
  .map((fields) => withTags({ ...plain, ...fields } as Head));

const scalar = fc.constantFrom(
  'urn',
  'kind',
  'type',
  'name',
  'connector',
  'status',
  'owners',
  'tags',
  'confirmedTags',
  'refs',
  'domain',
  'fqn',
  'platform',
);
const text = fc.oneof(
  word,
  fc.tuple(schemes, word).map((parts) => parts.join('/')),
  fc.constantFrom('asset', 'alert'),
);
const operation = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$startsWith'), text)
    .map(([name, value]) => ({ [name]: value })),
  fc
    .tuple(fc.constantFrom('$in', '$nin'), fc.array(text, { minLength: 1, maxLength: 3 }))
    .map(([name, values]) => ({ [name]: values })),
  fc.boolean().map((value) => ({ $exists: value })),
  text.map((value) => ({ $not: { $eq: value } })),
  fc.constant({ $startsWith: 'pii/' }),
);
const leaf: fc.Arbitrary<object> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(scalar, operation).map(([field, value]) => ({ [field]: value })) },
  fc.integer({ min: 1, max: 3 }).map((severity) => ({ severity: { $gte: severity } })),
  fc
    .record({ scheme: schemes, level: fc.constantFrom({ $gte: 2 }, 1, null) })
    .map((inner) => ({ columnClassifications: { $elemMatch: inner } })),
);

/** Filters in the JSON form that clients send, within the limits. */
export const anyFilter: fc.Arbitrary<object> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  fc.tuple(leaf, leaf).map(([a, b]) => ({ ...a, ...b })),
  fc
    .tuple(fc.constantFrom('$and', '$or'), fc.array(leaf, { minLength: 1, maxLength: 3 }))
    .map(([name, args]) => ({ [name]: args })),
  leaf.map((inner) => ({ $not: inner })),
  fc.tuple(leaf, fc.array(leaf, { minLength: 1, maxLength: 2 })).map(([a, args]) => ({ $and: [{ $or: args }, a] })),
);
