import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAlert, sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  DefinitionDocument,
  RelationshipDocument,
} from '../catalog/document.ts';
import { headOf } from '../catalog/head-of.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { WireEvent } from '../protocol/down.ts';
import { wireOf } from '../../test/harness/wire-of.ts';
import { createForm, type Form } from './form.ts';
import { identityMask as mask } from './mask.ts';
import { wireDocument } from './wire-document.ts';

const forbidden = new Set([
  'version',
  'sequence',
  'offset',
  'partition',
  'tenant',
  'connector',
  'sources',
  'head',
  'specversion',
  'partitionkey',
  'heads',
]);
/** Members whose inside is the user's own data, or an op's value. */
const userData = new Set(['value', 'attributes', 'native', 'old', 'new']);

function forbiddenKeys(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => forbiddenKeys(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    // the origin of a classification says manual or automated; an event's origin says which log it came from
    ...(forbidden.has(key) || (key === 'origin' && typeof member !== 'string') ? [`${path}/${key}`] : []),
    ...(userData.has(key) ? [] : forbiddenKeys(member, `${path}/${key}`)),
  ]);
}

const word = fc.string({ minLength: 1, maxLength: 5 });
const classification = fc.record({
  scheme: word,
  name: word,
  origin: fc.constant('manual' as const),
  state: fc.constant('confirmed' as const),
  connector: word,
  attributes: fc.constant({ version: 'mine' }),
});
const asset: fc.Arbitrary<CatalogDocument> = fc
  .record({
    name: word,
    version: fc.integer({ min: 1, max: 99 }),
    fqn: word,
    parent: word,
    description: word,
    domain: word,
    platform: word,
    classifications: fc.array(classification, { maxLength: 2 }),
    columns: fc.array(
      fc.record({
        key: word,
        name: word,
        type: word,
        description: word,
        classifications: fc.array(classification, { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
    properties: fc.array(fc.record({ key: word, value: fc.constant({ tenant: 'of the user', offset: 1 }) }), {
      maxLength: 2,
    }),
    native: fc.constant({ type: 'x', contentType: 'application/json', data: { partition: 3 } }),
    owners: fc.array(fc.record({ id: word, type: fc.constant('user' as const), role: word }), { maxLength: 2 }),
  })
  .map((fields) => sampleAsset('acme', 'urn:gov:orders', fields as Partial<AssetDocument>));

const { head: _head, ...base } = sampleAsset('acme', 'urn:gov:edge');
const common = {
  tenant: base.tenant,
  urn: base.urn,
  version: 4,
  connector: base.connector,
  name: base.name,
  sources: base.sources,
  createdAt: base.createdAt,
  updatedAt: base.updatedAt,
};
const edge = {
  ...common,
  kind: 'relationship',
  type: 'feeds',
  from: 'a',
  to: 'b',
  lineage: true,
  properties: [],
  status: 'active',
} as unknown as RelationshipDocument;
const definition = {
  ...common,
  kind: 'definition',
  scheme: 'pii',
  parents: ['contact'],
  level: 3,
  status: 'active',
} as unknown as DefinitionDocument;
const others: readonly CatalogDocument[] = [
  { ...edge, head: headOf(edge) },
  { ...definition, head: headOf(definition) },
  sampleAlert('acme', 'urn:gov:alert', { reason: 'why', assignees: ['ada'] } as Partial<AlertDocument>),
];
const document = fc.oneof({ weight: 3, arbitrary: asset }, { weight: 1, arbitrary: fc.constantFrom(...others) });

function eventOf(held: CatalogDocument, fields: Partial<HubEvent['data']> = {}): HubEvent {
  const event = sampleEvent(held, { correlationid: 'c-1', causationid: 'k-1', id: 'native-id' });
  const origin = { system: 'warehouse', transport: 'kafka', topic: 'secret-topic', partition: 3, offset: 77 } as const;
  return {
    ...event,
    data: {
      ...event.data,
      actor: { id: 'grace', display: 'Grace' },
      extensions: { traceparent: '00-1' },
      origin,
      after: held,
      ...fields,
    },
  };
}

/** Formats of the log may know more of an op than clients do. */
const op = { op: 'replace', path: '/name', old: 'a', new: 'b' } as const;
const labelledOp = { ...op, version: 3, tenant: 'acme' };

const forms: readonly Form[] = [
  createForm(),
  createForm({ shape: 'document' }),
  createForm({ shape: 'entity' }),
  createForm({ shape: 'changes' }),
  createForm({ mode: 'view' }),
  createForm({ mode: 'view', shape: 'entity' }),
  createForm({ fields: ['name', 'owners', 'columns', 'native'] }),
  createForm({ mode: 'view', fields: ['tags', 'properties'] }),
];

describe('what of an event goes out', () => {
  it('D8: nothing that is not on the list, for any document in any form', () => {
    fc.assert(
      fc.property(
        document,
        fc.constantFrom('enter' as const, 'update' as const, 'leave' as const),
        fc.constantFrom(...forms),
        (held, transition, form) => {
          const event = eventOf(held, { change: { ...eventOf(held).data.change, ops: [labelledOp] } });
          const wire = wireOf(event, transition, { form, shown: { document: held, head: held.head } });
          expect(forbiddenKeys(wire)).toEqual([]);
          expect(JSON.stringify(wire ?? null)).not.toMatch(/secret-topic|native-id|Grace/);
        },
      ),
    );
  });

  it('D8: the same inside as in a document of its own', () => {
    fc.assert(fc.property(document, (held) => forbiddenKeys(wireDocument(held, mask)).length === 0));
  });

  it('D8: a leave says nothing of the content, in any form', () => {
    for (const form of forms) {
      const event = eventOf(sampleAsset('acme', 'urn:gov:orders', { name: 'payroll' }));
      expect(wireOf(event, 'leave', { id: 'opaque', form })).toEqual({
        id: 'opaque',
        subject: 'urn:gov:orders',
        recordedtime: expect.any(String),
        kind: 'leave',
        reason: 'left',
      });
    }
  });

  it('says that a deleted entity is deleted', () => {
    const event = eventOf(sampleAsset('acme', 'urn:gov:orders'));
    const deleted = { ...event, data: { ...event.data, heads: { before: event.data.heads.after, after: null } } };
    expect(wireOf(deleted, 'leave')).toMatchObject({ reason: 'deleted' });
  });

  it('says nothing twice: what stands in the entity does not stand in the document, and the urn is the subject', () => {
    fc.assert(
      fc.property(document, (held) => {
        const shown = { document: held, head: held.head };
        const wire = wireOf<Extract<WireEvent, { kind: 'enter' }>>(eventOf(held), 'enter', { shown });
        const { entity = {}, document: rest = {}, subject } = wire ?? {};
        const both = Object.keys(entity).filter((name) => Object.hasOwn(rest, name));
        // ids in one, with type and role in the other
        expect(both.filter((name) => name !== 'owners')).toEqual([]);
        expect([subject, 'urn' in entity || 'urn' in rest]).toEqual([held.urn, false]);
        // and together they say all that the document of the HTTP API says
        const whole = JSON.parse(JSON.stringify(wireDocument(held, mask))) as object;
        expect({ ...entity, ...rest }).toMatchObject(withoutNames(whole));
      }),
    );
  });

  it('goes with who did it, and with what the source said beside it', () => {
    const held = sampleAsset('acme', 'urn:gov:orders');
    const time = '2026-02-28T23:59:59.000Z';
    const event = { ...eventOf(held, { change: { ...eventOf(held).data.change, ops: [op], replay: true } }), time };
    expect(wireOf(event, 'update')).toEqual({
      ...{ id: 'id', kind: 'update', subject: 'urn:gov:orders', type: event.type, time },
      ...{ recordedtime: event.recordedtime, actor: 'grace', replay: true },
      ...{ correlationid: 'c-1', causationid: 'k-1', extensions: { traceparent: '00-1' } },
      entity: { kind: 'asset', type: 'table', name: 'orders' },
      changes: { '/name': { old: 'a', new: 'b' } },
    });
    expect(wireOf({ ...event, time: event.recordedtime }, 'update')).not.toHaveProperty('time');
  });
});

/** The urn goes as subject, and a text of the entity is in composed form. */
function withoutNames(document: object): object {
  const {
    urn: _urn,
    name: _name,
    fqn: _fqn,
    type: _type,
    platform: _platform,
    domain: _domain,
    ...rest
  } = document as Record<string, unknown>;
  return rest;
}
