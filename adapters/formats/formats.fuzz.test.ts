import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange } from '../../channels/catalog/apply-change.ts';
import type { Change } from '../../channels/catalog/change.ts';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { Origin } from '../../channels/event/hub-event.ts';
import type { JsonObject, JsonValue } from '../../channels/event/json.ts';
import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import type { ConnectorProfile, MessageFormat, Normalised } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import * as atlas from './atlas/fixtures.ts';
import * as events from './cloudevents/fixtures.ts';
import { govTypes } from './cloudevents/gov-type.ts';
import { createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';

const formats = { atlas: createAtlasFormat({ superTypes: { IBAN: ['PII'] } }), cloudevents: createCloudEventsFormat() };
const allowed = new Set([
  'invalid-json',
  'invalid-message',
  'unsupported-message',
  'message-too-large',
  'outside-namespace',
  'limit-exceeded',
  'unsupported-media-type',
]);

interface Case {
  readonly format: MessageFormat;
  readonly message: NativeMessage;
  readonly origin: Origin;
  readonly profile: ConnectorProfile;
}

/** The result, or the code of the refusal; anything else that is thrown is a bug. */
function outcome({ format, message, origin, profile }: Case): Normalised | string {
  try {
    return format.normalise(message, origin, profile);
  } catch (error) {
    if (error instanceof HubError && allowed.has(error.code)) return `${error.code} ${error.message}`;
    throw error;
  }
}

/** The document that the change makes of nothing, or the code of its refusal. */
function applied(change: Change): CatalogDocument | string | undefined {
  try {
    return applyChange(undefined, change, { recordedAt: '2026-01-06T10:00:00.000Z', parentsOf: () => [] })?.document;
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

function check(run: Case): void {
  const result = outcome(run);
  const again = {
    ...run.message,
    value: run.message.value === null ? null : Uint8Array.from(run.message.value),
    headers: { ...run.message.headers },
  };
  expect(JSON.stringify(outcome({ ...run, message: again }))).toBe(JSON.stringify(result));
  if (typeof result === 'string' || result.kind === 'part') return;
  for (const change of result.changes) {
    const written = [run.profile.namespace, ...run.profile.writes, 'urn:gov:classification'];
    expect(written.some((prefix) => change.urn.startsWith(`${prefix}:`))).toBe(true);
    expect(change.urn.length).toBeLessThanOrEqual(1024);
    applied(change);
    expect(change.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

const header = atlas.tableHeader({
  classifications: [atlas.tag('PII'), atlas.tag('IBAN', { attributes: { country: 'DE' } })],
});
const atlasSeeds: readonly JsonValue[] = [
  atlas.envelope(atlas.notification('CLASSIFICATION_ADD', header)),
  atlas.envelope(atlas.notification('ENTITY_DELETE', atlas.tableHeader({ status: 'DELETED', deleteHandler: 'HARD' }))),
  atlas.envelope(
    atlas.notification('ENTITY_UPDATE', header, { mutatedDetails: { attributes: { name: 'x' }, updatedBy: 'maria' } }),
  ),
  atlas.envelope(atlas.relationshipNotification('RELATIONSHIP_CREATE', atlas.inputEdge())),
  atlas.envelope({
    operationType: 'TRAIT_ADD',
    entity: atlas.referenceable(),
    traits: [{ typeName: 'PII', values: {} }],
  }),
  atlas.gzipped(atlas.envelope(atlas.notification('ENTITY_CREATE', header))),
  atlas.splitParts(atlas.envelope(atlas.notification('ENTITY_CREATE', header)), 3, 'GZIP')[1] as JsonObject,
];
const data: JsonObject = {
  asset: {
    name: 'x',
    owners: ['maria'],
    columns: [{ name: 'iban', classifications: ['pii/iban'] }],
    classifications: { add: ['pii/iban'], remove: [] },
  },
  classifications: [{ scheme: 'pii', name: 'iban', level: 2 }],
  owners: { add: [{ id: 'a', type: 'group' }] },
  domain: 'd',
  description: 'x',
  terms: ['t'],
  columns: [{ name: 'iban', type: 'string' }],
  properties: { a: { b: 1 } },
  deprecated: true,
  check: 'c',
  status: 'failed',
  from: 'a',
  to: 'b',
  type: 't',
  name: 'iban',
  parents: ['bank_id'],
  subject: 'retail/x',
  synonyms: ['saldo'],
  experts: ['maria'],
  members: { add: ['a'], remove: ['b'] },
  contact: 'a@b',
};
const fields: Readonly<Record<string, readonly string[]>> = {
  asset: ['asset'],
  classification: ['classifications'],
  owner: ['owners'],
  domain: ['domain'],
  documentation: ['description'],
  term: ['terms'],
  schema: ['columns'],
  'gov.classification.defined': ['name', 'parents'],
  'gov.term.defined': ['name', 'owners', 'domain', 'synonyms'],
  'gov.domain.defined': ['name', 'owners', 'experts'],
  'gov.team.defined': ['type', 'description', 'members', 'contact'],
  property: ['properties'],
  deprecation: ['deprecated'],
  quality: ['check', 'status'],
  incident: ['subject'],
  relationship: ['from', 'to', 'type'],
  lineage: ['from', 'to'],
};
const eventSeeds = [...govTypes, 'com.northbank.x'].map((type) => {
  const keys = fields[type] ?? fields[type.split('.')[1] as string] ?? [];
  return events.cloudEvent(type, Object.fromEntries(keys.map((key) => [key, data[key] as JsonValue])), {
    authid: 'maria',
  });
});

const oddText = fc.constantFrom(
  '',
  ' ',
  'urn:',
  'urn:gov:events:northbank:',
  '__proto__',
  'constructor',
  '\0',
  '\ud800',
  'x/',
  '/x',
  '%',
  '💶',
  'A'.repeat(1200),
);
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  oddText,
  fc.constantFrom(null, -1, 0, 1e300, 2 ** 53, 0.1, true),
  fc.constant(JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown),
);

/** The value with one place in it, chosen by `choices`, replaced, removed or given a further member. */
function mutate(value: unknown, choices: readonly number[], replacement: unknown): unknown {
  const [choice = 0, ...rest] = choices;
  if (typeof value !== 'object' || value === null || rest.length === 0) return replacement;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const at = choice % (entries.length + 1);
  if (at === entries.length)
    return Array.isArray(value)
      ? [...(value as unknown[]), replacement]
      : Object.fromEntries([...entries, [oddKeys[choice % oddKeys.length] as string, replacement]]);
  const kept = entries.flatMap(([key, inner], index): readonly (readonly [string, unknown])[] =>
    index !== at ? [[key, inner]] : choice % 7 === 0 ? [] : [[key, mutate(inner, rest, replacement)]],
  );
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}
const oddKeys = ['__proto__', 'constructor', 'toString', 'a.b', '$set', ''];

const mutation = fc.tuple(fc.array(fc.nat(50), { minLength: 1, maxLength: 7 }), odd);
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'ce_id',
    'ce_type',
    'ce_source',
    'ce_specversion',
    'ce_subject',
    'ce-id',
    'ce_time',
    'ce_é',
  ),
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1.0', 'gov.domain.changed', 'application/cloudevents+json', 'text/plain'),
  ),
);
const runs = { numRuns: 700 * Number(process.env['FUZZ_FACTOR'] ?? 1) };
const manyRuns = { numRuns: runs.numRuns * 4 };

function caseOf(name: keyof typeof formats, message: NativeMessage): Case {
  return name === 'atlas'
    ? { format: formats.atlas, message, origin: atlas.atlasOrigin, profile: atlas.atlasProfile }
    : { format: formats.cloudevents, message, origin: events.kafkaOrigin, profile: events.eventsProfile };
}

describe('whatever comes in', { timeout: 60_000 }, () => {
  it('the seeds are valid to begin with', () => {
    const cases = [
      ...atlasSeeds.map((seed) => caseOf('atlas', atlas.nativeMessage(seed))),
      ...eventSeeds.map((seed) => caseOf('cloudevents', events.structured(seed))),
    ];
    for (const result of cases.map(outcome)) {
      if (typeof result === 'string') throw new Error(result);
      if (result.kind === 'changes')
        for (const change of result.changes) expect(applied(change)).not.toBeTypeOf('string');
    }
  });

  it('arbitrary bytes are taken in or refused', () => {
    const property = fc.property(
      fc.constantFrom('atlas' as const, 'cloudevents' as const),
      fc.uint8Array({ maxLength: 200 }),
      headers,
      (name, value, given) => {
        check(caseOf(name, { value, key: null, headers: given, timestampMs: 1 }));
      },
    );
    fc.assert(property, runs);
  });

  it('arbitrary JSON is taken in or refused', () => {
    const property = fc.property(
      fc.constantFrom('atlas' as const, 'cloudevents' as const),
      fc.jsonValue(),
      (name, value) => {
        check(caseOf(name, events.structured(value as JsonValue)));
      },
    );
    fc.assert(property, runs);
  });

  it('damaged Atlas messages are taken in or refused, the same way each time', () => {
    const property = fc.property(
      fc.constantFrom(...atlasSeeds),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      (seed, mutations) => {
        const value = mutations.reduce<unknown>(
          (held, [choices, replacement]) => mutate(held, choices, replacement),
          seed,
        );
        check(caseOf('atlas', atlas.nativeMessage(value as JsonValue)));
      },
    );
    fc.assert(property, manyRuns);
  });

  it('I20: whatever the attributes of an Atlas entity hold, its tags are seen', () => {
    const key = fc.constantFrom('name', 'owner', 'description', 'qualifiedName', 'comment', 'db', 'x', '', 'a\0b');
    const long = fc.constantFrom(
      'x'.repeat(70_000),
      '💶'.repeat(20_000),
      Array.from({ length: 9000 }, (_, i) => `v${i}`),
    );
    const attributes = fc.dictionary(key, fc.oneof({ weight: 4, arbitrary: odd }, { weight: 1, arbitrary: long }));
    const beside = fc.dictionary(
      fc.constantFrom('labels', 'meanings', 'meaningNames', 'customAttributes', 'businessAttributes', 'updatedBy'),
      odd,
    );
    const property = fc.property(attributes, attributes, beside, beside, (own, changed, around, details) => {
      const entity = {
        ...around,
        attributes: own as JsonObject,
        classifications: [atlas.tag('PII', { attributes: changed as JsonObject })],
      };
      const text = JSON.stringify(
        atlas.envelope(
          atlas.notification('ENTITY_UPDATE', atlas.tableHeader(entity as JsonObject), {
            mutatedDetails: { ...details, attributes: changed } as JsonObject,
          }),
        ),
        // half a surrogate pair refuses a message as no Unicode; that is another promise
        (_, value: unknown) => (typeof value === 'string' ? value.replaceAll('\ud800', '') : value),
      );
      const result = outcome(caseOf('atlas', atlas.nativeMessage(new TextEncoder().encode(text))));
      if (typeof result === 'string' || result.kind !== 'changes') throw new Error(JSON.stringify(result));
      expect(applied(result.changes[0] as Change)).toMatchObject({ classifications: [{ name: 'PII' }] });
    });
    fc.assert(property, runs);
  });

  it('damaged events are taken in or refused, the same way each time', () => {
    const property = fc.property(
      fc.constantFrom(...eventSeeds),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      (seed, mutations) => {
        const value = mutations.reduce<unknown>(
          (held, [choices, replacement]) => mutate(held, choices, replacement),
          seed,
        );
        check(caseOf('cloudevents', events.structured(value as JsonValue)));
      },
    );
    fc.assert(property, manyRuns);
  });

  it('events with damaged headers are taken in or refused', () => {
    const property = fc.property(fc.constantFrom(...govTypes), headers, fc.option(fc.string()), (type, given, text) => {
      check(
        caseOf('cloudevents', events.binary('ce_', type, text === null ? null : new TextEncoder().encode(text), given)),
      );
    });
    fc.assert(property, runs);
  });

  it('bodies are split or refused', () => {
    const property = fc.property(
      fc.constantFrom('atlas' as const, 'cloudevents' as const),
      fc.oneof(fc.string(), fc.json()),
      headers,
      (name, body, given) => {
        try {
          formats[name].split(new TextEncoder().encode(body), given);
        } catch (error) {
          expect(error).toBeInstanceOf(HubError);
          expect(allowed).toContain((error as HubError).code);
        }
      },
    );
    fc.assert(property, runs);
  });
});
