import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import { createCloudEventsFormat } from './cloudevents-format.ts';
import { cloudEvent, eventsProfile, kafkaOrigin, structured, transportMs } from './fixtures.ts';
import { govTypes } from './gov-type.ts';

const format = createCloudEventsFormat({ clock: { now: () => transportMs } });
const urn = 'urn:gov:events:northbank:retail/current_accounts';

function read(message: NativeMessage, origin: Origin = kafkaOrigin): Change {
  const result = format.normalise(message, origin, eventsProfile);
  if (result.kind !== 'changes' || result.changes.length !== 1) throw new Error('expected one change');
  return result.changes[0] as Change;
}

function change(type: string, data?: JsonValue, members: JsonObject = {}): Change {
  return read(structured(cloudEvent(type, data, members)));
}

function patch(type: string, data: JsonValue): unknown {
  return (change(type, data) as { patch?: unknown }).patch;
}

const tag = (scheme: string, name: string): object => ({ scheme, name, origin: 'unknown', state: 'confirmed' });
const iban = {
  scheme: 'pii',
  name: 'iban',
  level: 3,
  origin: 'manual',
  state: 'suggested',
  from: 'urn:gov:atlas:northbank:1',
  attributes: { by: 'scan' },
};

const asset = {
  type: 'table',
  name: 'current_accounts',
  fqn: 'retail.current_accounts',
  platform: 'iceberg',
  parent: 'retail',
  description: null,
  domain: 'retail',
  status: 'deprecated',
  owners: ['maria.keller', { id: 'payments', type: 'group', role: 'steward' }],
  aliases: ['accounts'],
  terms: { add: ['balance'], remove: ['saldo'] },
  properties: { retention: 7, old: null },
  columns: [{ name: 'iban', type: 'string', description: null, classifications: ['pii/iban'] }],
  classifications: { add: [iban], remove: ['pii/email', { name: 'internal' }] },
};
const assetPatch = {
  ...asset,
  parent: 'urn:gov:events:northbank:retail',
  owners: {
    mode: 'state',
    list: [
      { id: 'maria.keller', type: 'user' },
      { id: 'payments', type: 'group', role: 'steward' },
    ],
  },
  terms: { mode: 'delta', add: ['balance'], remove: ['saldo'] },
  columns: {
    mode: 'state',
    list: [
      {
        name: 'iban',
        type: 'string',
        description: null,
        classifications: { mode: 'state', list: [tag('pii', 'iban')] },
      },
    ],
  },
  classifications: {
    mode: 'delta',
    add: [iban],
    remove: [
      { scheme: 'pii', name: 'email' },
      { scheme: 'bank', name: 'internal' },
    ],
  },
};

describe('mappings to an asset', () => {
  const column = (members: object): object => ({
    columns: { mode: 'delta', add: [{ name: 'iban', ...members }], remove: [] },
  });
  const state = (list: readonly object[]): object => ({ mode: 'state', list });

  it.each([
    ['gov.asset.created', { asset }, assetPatch],
    ['gov.asset.updated', { asset: {} }, {}],
    ['gov.asset.updated', { asset: { name: 'x', owners: [] } }, { name: 'x', owners: state([]) }],
    [
      'gov.classification.changed',
      { classifications: ['pii/iban', 'internal', 'geo/eu/de'] },
      { classifications: state([tag('pii', 'iban'), tag('bank', 'internal'), tag('geo', 'eu/de')]) },
    ],
    [
      'gov.classification.changed',
      { classifications: { remove: ['pii/iban'] } },
      { classifications: { mode: 'delta', add: [], remove: [{ scheme: 'pii', name: 'iban' }] } },
    ],
    ['gov.classification.changed', { column: 'iban', classifications: [] }, column({ classifications: state([]) })],
    [
      'gov.owner.changed',
      { owners: { add: [{ id: 'cards', type: 'group' }] } },
      { owners: { mode: 'delta', add: [{ id: 'cards', type: 'group' }], remove: [] } },
    ],
    ['gov.domain.changed', { domain: null }, { domain: null }],
    ['gov.documentation.changed', { description: 'Balances of the day.' }, { description: 'Balances of the day.' }],
    ['gov.documentation.changed', { column: 'iban', description: null }, column({ description: null })],
    ['gov.term.changed', { terms: ['balance'] }, { terms: state(['balance' as unknown as object]) }],
    [
      'gov.schema.changed',
      { columns: { add: [{ name: 'bic' }], remove: ['iban'] } },
      { columns: { mode: 'delta', add: [{ name: 'bic' }], remove: ['iban'] } },
    ],
    ['gov.property.changed', { properties: { 'a.b': [1], c: null } }, { properties: { 'a.b': [1], c: null } }],
    ['gov.deprecation.changed', { deprecated: true }, { status: 'deprecated' }],
    ['gov.deprecation.changed', { deprecated: false }, { status: 'active' }],
    [
      'gov.quality.result',
      { check: 'row_count', status: 'failed', message: '0 rows' },
      { quality: [{ check: 'row_count', status: 'failed', message: '0 rows', time: '2026-01-06T08:30:00.500Z' }] },
    ],
  ])('%s of %j', (type, data, expected) => {
    expect(change(type, data)).toMatchObject({ target: 'asset', action: 'upsert', urn });
    expect(patch(type, data)).toEqual(expected);
  });

  it.each([
    ['gov.asset.deleted', false],
    ['gov.asset.purged', true],
  ])('%s needs no data', (type, purge) => {
    expect(change(type)).toMatchObject({ target: 'asset', action: 'delete', purge, urn });
  });

  it('the first sight of an asset is a whole state', () => {
    expect(change('gov.asset.created.v1', { asset: {} }).completeness).toBe('state');
    expect(change('gov.asset.updated', { asset: {} }).completeness).toBe('delta');
  });

  it('each known type is read by some test above or below', () => {
    for (const type of govTypes) expect(() => change(type)).not.toThrow(/no mapping|not known/);
  });
});

describe('mappings to other documents', () => {
  it('gov.incident.changed is an alert named by its subject', () => {
    const data = {
      subject: 'urn:gov:atlas:northbank:1',
      status: 'assigned',
      message: 'late',
      assignees: ['maria'],
      reason: null,
      name: 'Freshness',
    };
    expect(change('gov.incident.changed', data, { subject: 'inc-17', severitynumber: 13 })).toMatchObject({
      target: 'alert',
      action: 'upsert',
      urn: 'urn:gov:events:northbank:inc-17',
      patch: { ...data, type: 'incident', severity: 13 },
    });
    expect(patch('gov.incident.changed', { severity: 21, subject: 'retail/x' })).toEqual({
      type: 'incident',
      severity: 21,
      subject: 'urn:gov:events:northbank:retail/x',
    });
  });

  it('edges are the same edge when type and ends are the same', () => {
    const edge = { from: 'retail/payments', to: 'urn:gov:atlas:northbank:1', type: 'joins' };
    const made = change('gov.relationship.changed', { ...edge, properties: { on: 'iban' } });
    expect(made).toMatchObject({
      target: 'relationship',
      patch: {
        type: 'joins',
        from: 'urn:gov:events:northbank:retail/payments',
        to: 'urn:gov:atlas:northbank:1',
        lineage: false,
        properties: { on: 'iban' },
      },
    });
    expect(made.urn).toMatch(/^urn:gov:events:northbank:relationship:[\w-]{43}$/);
    expect(change('gov.relationship.changed', { ...edge, deleted: true }, { id: '2' })).toMatchObject({
      target: 'relationship',
      action: 'delete',
      urn: made.urn,
    });
    expect(change('gov.relationship.changed', { ...edge, from: edge.to, to: edge.from }).urn).not.toBe(made.urn);
  });

  it('gov.lineage.observed is lineage', () => {
    expect(patch('gov.lineage.observed', { from: 'a', to: 'b' })).toMatchObject({ type: 'lineage', lineage: true });
  });

  it('gov.classification.defined needs no subject', () => {
    const data = { scheme: 'bank', name: 'iban/de', parents: ['bank_id'], level: null, description: 'Account numbers' };
    expect(change('gov.classification.defined', data, { subject: null })).toMatchObject({
      target: 'definition',
      urn: 'urn:gov:classification:bank:iban%2Fde',
      patch: data,
    });
  });

  it('gov.classification.defined is refused for a scheme that is not the own one', () => {
    const data = { scheme: 'pii', name: 'iban' };
    expect(() => change('gov.classification.defined', data, { subject: null })).toThrow(/scheme bank only/);
  });
});

describe('what people define', () => {
  it('is a term, domain or team with its own fields, whose references are urns', () => {
    const data = {
      ...{ name: 'Balance', glossary: 'Banking', status: 'approved', description: null, parent: 'money' },
      ...{ synonyms: ['saldo'], relatedTerms: { add: ['urn:gov:term:iban'], remove: ['old'] }, owners: ['ada'] },
    };
    expect(change('gov.term.defined', data, { subject: 'balance' })).toMatchObject({
      ...{ target: 'term', action: 'upsert', urn: 'urn:gov:events:northbank:balance' },
      patch: {
        ...{ name: 'Balance', glossary: 'Banking', status: 'approved', description: null },
        parent: 'urn:gov:events:northbank:money',
        synonyms: { mode: 'state', list: ['saldo'] },
        relatedTerms: { mode: 'delta', add: ['urn:gov:term:iban'], remove: ['urn:gov:events:northbank:old'] },
        owners: { mode: 'state', list: [{ id: 'ada', type: 'user' }] },
      },
    });
    expect(change('gov.domain.defined', { experts: ['ada'] })).toMatchObject({ target: 'domain', action: 'upsert' });
    expect(change('gov.team.defined', { deleted: true })).toMatchObject({ target: 'team', action: 'delete' });
  });

  it.each([
    ['gov.team.defined', { synonyms: [] }, 'data.synonyms'],
    ['gov.domain.defined', { status: 'approved' }, 'data.status must be one of active, deprecated'],
    ['gov.term.defined', { members: [] }, 'data.members'],
  ])('has no fields of another kind: %s %j', (type, data, problem) => {
    expect(() => change(type, data)).toThrow(problem);
  });

  it('I8: is written inside the namespaces of the connector only', () => {
    expect(() => change('gov.term.defined', {}, { subject: 'urn:gov:term:balance' })).toThrow(
      expect.objectContaining({ code: 'outside-namespace' }),
    );
  });
});

describe('types of others', () => {
  it('are kept as they are, on their subject', () => {
    expect(change('com.northbank.ledger.closed', { day: 3 })).toMatchObject({
      target: 'asset',
      urn: 'urn:gov:events:northbank:/platform/lake%23retail/current_accounts',
      nativeId: 'retail/current_accounts',
      patch: {
        native: { type: 'com.northbank.ledger.closed', contentType: 'application/json', data: { day: 3 } },
      },
    });
  });

  it('are kept on their source when they have no subject', () => {
    expect(
      change('com.northbank.tick', undefined, { subject: null, source: 'https://ledger.example/a?b' }),
    ).toMatchObject({
      urn: 'urn:gov:events:northbank:https://ledger.example/a%3Fb',
      patch: { native: { data: null } },
    });
    expect(change('com.northbank.tick', 1, { subject: null, source: 'urn:ledger:1' }).urn).toBe(
      'urn:gov:events:northbank:urn:ledger:1',
    );
  });

  it.each([
    [{ data: '<a/>', datacontenttype: 'text/xml' }, 'text/xml', '<a/>'],
    [{ data: 7.5 }, 'application/json', 7.5],
    [{ data_base64: 'eyJ4IjoxfQ==' }, 'application/json', { x: 1 }],
    [{ data_base64: 'AAEC', data: null }, 'application/octet-stream', { base64: 'AAEC' }],
    [{ data_base64: 'PGEvPg==', datacontenttype: 'application/xml' }, 'application/xml', '<a/>'],
    [{ data_base64: 'AAEC', datacontenttype: 'application/avro' }, 'application/avro', { base64: 'AAEC' }],
  ])('keep data of %j', (members, contentType, data) => {
    expect(change('com.northbank.x', undefined, members)).toMatchObject({ patch: { native: { contentType, data } } });
  });

  it('I8: cannot write what belongs to another', () => {
    expect(() => change('com.northbank.x', 1, { subject: 'urn:gov:atlas:northbank:1' })).toThrow(
      expect.objectContaining({ code: 'outside-namespace' }),
    );
  });
});
