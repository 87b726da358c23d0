import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createAtlasFormat } from './atlas-format.ts';
import {
  accountsGuid, atlasOrigin, atlasProfile, envelope, eventTime, gzipped, ibanGuid, inputEdge, loadGuid, nativeMessage, notification, paymentsGuid,
  referenceable, relationshipNotification, tableHeader, tag, transportMs,
} from './fixtures.ts';

const superTypes = { IBAN: ['BANK_ID'], BANK_ID: ['PII'], LOOP_A: ['LOOP_B'], LOOP_B: ['LOOP_A'] };
const format = createAtlasFormat({ superTypes });
const urn = `urn:gov:atlas:northbank:${accountsGuid}`;

function changesOf(value: JsonValue): readonly Change[] {
  const result = format.normalise(nativeMessage(value), atlasOrigin, atlasProfile);
  if (result.kind !== 'changes') throw new Error('expected changes');
  return result.changes;
}

function only(value: JsonValue): Change {
  const changes = changesOf(value);
  expect(changes).toHaveLength(1);
  return changes[0] as Change;
}

/** The patch of a notification about the table of current accounts. */
function patchOf(operation: string, members: JsonObject = {}, beside: JsonObject = {}): object {
  const change = only(envelope(notification(operation, tableHeader(members), beside)));
  if (change.action !== 'upsert') throw new Error('expected an upsert');
  return change.patch;
}

function tagsOf(operation: string, members: JsonObject, beside: JsonObject = {}): unknown {
  return (patchOf(operation, members, beside) as { classifications?: unknown }).classifications;
}

const direct = (name: string): object => ({ scheme: 'atlas', name, origin: 'unknown', state: 'confirmed' });

describe('entities', () => {
  it('maps a header to one asset change', () => {
    expect(only(envelope(notification('ENTITY_CREATE', tableHeader()), { spooled: true }))).toEqual({
      target: 'asset',
      action: 'upsert',
      tenant: 'northbank',
      connector: 'northbank-atlas',
      source: '/atlas/northbank-atlas',
      urn,
      messageId: expect.stringMatching(/^[\w-]{43}$/),
      ordinal: 0,
      time: new Date(eventTime).toISOString(),
      completeness: 'header',
      replay: false,
      nativeId: accountsGuid,
      nativeType: 'hive_table',
      authtype: 'unknown',
      origin: { ...atlasOrigin, nativeType: 'ENTITY_CREATE', spooled: true },
      patch: {
        type: 'table',
        platform: 'hive',
        name: 'current_accounts',
        fqn: 'retail.current_accounts@north',
        aliases: ['retail.current_accounts@north'],
        owners: { mode: 'state', list: [{ id: 'maria.keller', type: 'user' }] },
        properties: { createTime: 1_700_000_000_000 },
      },
    });
  });

  it.each([
    ['hive_table', 'table', 'hive'],
    ['rdbms_table', 'table', 'rdbms'],
    ['azure_sql_table', 'table', 'azure'],
    ['hive_column', 'column', 'hive'],
    ['hive_db', 'database', 'hive'],
    ['azure_sql_database', 'database', 'azure'],
    ['spark_process', 'process', 'spark'],
    ['DataSet', 'dataset', undefined],
    ['powerbi_report', 'powerbi_report', 'powerbi'],
  ])('takes %s for a %s', (typeName, type, platform) => {
    expect(patchOf('ENTITY_CREATE', { typeName })).toMatchObject({ type, ...(platform === undefined ? {} : { platform }) });
    if (platform === undefined) expect(patchOf('ENTITY_CREATE', { typeName })).not.toHaveProperty('platform');
  });

  it.each([
    ['the first that says something', { description: null, userDescription: '', comment: 'daily balance' }, 'daily balance'],
    ['description before comment', { description: 'a', comment: 'b' }, 'a'],
    ['null when all are empty', { comment: null }, null],
  ])('describes by %s', (_, attributes, description) => {
    expect(patchOf('ENTITY_UPDATE', { attributes })).toMatchObject({ description });
  });

  it('says nothing about a description or an owner that is not there', () => {
    const patch = patchOf('ENTITY_UPDATE', { attributes: { name: 'x' } });
    expect(patch).not.toHaveProperty('description');
    expect(patch).not.toHaveProperty('owners');
    expect(patch).not.toHaveProperty('classifications');
  });

  it('removes the owner that is null and knows groups', () => {
    expect(patchOf('ENTITY_UPDATE', { attributes: { owner: null } })).toMatchObject({ owners: { mode: 'state', list: [] } });
    expect(patchOf('ENTITY_UPDATE', { attributes: { owner: 'payments', ownerType: 'GROUP' } })).toMatchObject({
      owners: { list: [{ id: 'payments', type: 'group' }] },
    });
  });

  it('keeps other attributes as properties, without times that were never set', () => {
    const attributes = { createTime: 0, retention: 0, 'spark.plan': { a: [1] }, gone: null, ['__proto__']: 1 };
    const { properties } = patchOf('ENTITY_UPDATE', { attributes: JSON.parse(`{"__proto__":1,${JSON.stringify(attributes).slice(1)}`) as JsonObject }) as { properties: object };
    expect(Object.entries(properties)).toEqual([['__proto__', 1], ['createTime', null], ['gone', null], ['retention', 0], ['spark.plan', { a: [1] }]]);
  });

  it('replaces a property that is too long by its size, so that the tags beside it are seen', () => {
    const patch = patchOf('ENTITY_UPDATE', { attributes: { viewText: 'x'.repeat(20_000) }, classifications: [tag('PII')] });
    expect(patch).toMatchObject({ properties: { viewText: { cutBytes: 20_002 } }, classifications: { list: [direct('PII')] } });
  });

  it('keeps a qualified name that is too long for a name as a property, and cuts a long display name', () => {
    const qualifiedName = `q${'x'.repeat(2000)}`;
    const patch = patchOf('ENTITY_UPDATE', { attributes: { qualifiedName, name: `select\n${'y'.repeat(2000)}` } });
    expect(patch).toMatchObject({ properties: { qualifiedName }, name: `select ${'y'.repeat(1017)}` });
    expect(patch).not.toHaveProperty('fqn');
  });

  it.each([
    ['attributes', { attributes: { name: 'iban', table: { guid: accountsGuid, typeName: 'hive_table' } } }],
    ['relationships', { relationshipAttributes: { table: { guid: accountsGuid, typeName: 'hive_table' } } }],
  ])('finds the table of a column in its %s', (_, members) => {
    const header = { guid: ibanGuid, typeName: 'hive_column', ...members };
    expect(only(envelope(notification('ENTITY_CREATE', header)))).toMatchObject({
      urn: `urn:gov:atlas:northbank:${ibanGuid}`,
      patch: { type: 'column', parent: urn },
    });
  });

  it('encodes what a urn cannot hold, and only that', () => {
    const change = only(envelope(notification('ENTITY_UPDATE', tableHeader({ guid: 'a b%c|d/e:ü*' }))));
    expect(change.urn).toBe('urn:gov:atlas:northbank:a%20b%25c%7Cd/e:%C3%BC%2A');
    expect(change.nativeId).toBe('a b%c|d/e:ü*');
  });

  it.each([
    ['ENTITY_DELETE', {}, false],
    ['ENTITY_DELETE', { status: 'DELETED' }, false],
    ['ENTITY_DELETE', { status: 'DELETED', deleteHandler: 'HARD' }, true],
    ['ENTITY_DELETE', { status: 'PURGED' }, true],
    ['ENTITY_UPDATE', { status: 'DELETED' }, false],
    ['CLASSIFICATION_DELETE', { status: 'DELETED' }, false],
  ])('takes %s with %j for a deletion', (operation, members, purge) => {
    expect(only(envelope(notification(operation, tableHeader(members))))).toMatchObject({ target: 'asset', action: 'delete', purge, urn });
  });

  it.each([
    ['the event', { eventTime }, {}, eventTime],
    ['quoted numbers', { eventTime: String(eventTime) }, {}, eventTime],
    ['the envelope when the event has none', { eventTime: 0 }, { msgCreationTime: String(eventTime + 7) }, eventTime + 7],
    ['the transport when nothing has one', { eventTime: null }, { msgCreationTime: 0 }, transportMs],
  ])('takes the time of %s', (_, members, outer, expected) => {
    expect(only(envelope(notification('ENTITY_UPDATE', tableHeader(), members), outer)).time).toBe(new Date(expected).toISOString());
  });
});

describe('classifications', () => {
  it('are the whole current list, each once, in order of name', () => {
    const classifications = [tag('PII'), tag('FINANCE', { attributes: { level: 3 } }), tag('PII')];
    expect(tagsOf('CLASSIFICATION_ADD', { classifications })).toEqual({
      mode: 'state',
      list: [{ ...direct('FINANCE'), attributes: { level: 3 } }, direct('PII')],
    });
  });

  it('know where they were propagated from, unless they are direct as well', () => {
    const propagated = tag('PII', { entityGuid: paymentsGuid });
    const expected = { ...direct('PII'), origin: 'propagated', from: `urn:gov:atlas:northbank:${paymentsGuid}` };
    expect(tagsOf('CLASSIFICATION_ADD', { classifications: [propagated] })).toEqual({ mode: 'state', list: [expected] });
    expect(tagsOf('CLASSIFICATION_ADD', { classifications: [propagated, tag('PII')] })).toEqual({ mode: 'state', list: [direct('PII')] });
  });

  it.each([
    [['IBAN', 'BANK_ID', 'PII'], ['IBAN']],
    [['PII', 'IBAN'], ['IBAN']],
    [['PII', 'BANK_ID'], ['BANK_ID']],
    [['PII', 'OTHER'], ['OTHER', 'PII']],
    [['LOOP_A', 'LOOP_B'], ['LOOP_A', 'LOOP_B']],
    [['constructor', '__proto__'], ['__proto__', 'constructor']],
  ])('of %j keep %j, the rest is implied', (listed, kept) => {
    expect(tagsOf('CLASSIFICATION_UPDATE', { classifications: listed.map((name) => tag(name)) })).toEqual({ mode: 'state', list: kept.map(direct) });
  });

  it('are empty when the last was removed and the message has no list', () => {
    expect(tagsOf('CLASSIFICATION_DELETE', {})).toEqual({ mode: 'state', list: [] });
    expect(tagsOf('CLASSIFICATION_DELETE', { classifications: null, classificationNames: null })).toEqual({ mode: 'state', list: [] });
    expect(tagsOf('CLASSIFICATION_DELETE', { classifications: [tag('PII')] })).toEqual({ mode: 'state', list: [direct('PII')] });
  });

  it.each(['ENTITY_CREATE', 'ENTITY_UPDATE'])('of %s count when there is a list, and only then', (operation) => {
    expect(tagsOf(operation, { classifications: null })).toBeUndefined();
    expect(tagsOf(operation, { classifications: [] })).toEqual({ mode: 'state', list: [] });
    expect(tagsOf(operation, { classifications: [tag('PII')] })).toEqual({ mode: 'state', list: [direct('PII')] });
    expect(tagsOf(operation, { classificationNames: ['PII'] })).toEqual({ mode: 'state', list: [direct('PII')] });
  });
});

describe('details of what changed', () => {
  it('are a delta of tags', () => {
    const change = only(envelope(notification('CLASSIFICATION_ADD', tableHeader({ classifications: [tag('PII'), tag('OLD')] }), { mutatedDetails: [tag('PII')] })));
    expect(change).toMatchObject({ completeness: 'delta', patch: { name: 'current_accounts', classifications: { mode: 'delta', add: [direct('PII')], remove: [] } } });
  });

  it('do not remove a tag that is still in the list from elsewhere', () => {
    const beside = { mutatedDetails: [tag('PII'), tag('OLD')] };
    expect(tagsOf('CLASSIFICATION_DELETE', { classifications: [tag('PII', { entityGuid: paymentsGuid })] }, beside)).toEqual({
      mode: 'delta',
      add: [],
      remove: [{ scheme: 'atlas', name: 'OLD' }],
    });
  });

  it('are the changed attributes and who did it', () => {
    const mutatedDetails = { typeName: 'hive_table', guid: accountsGuid, attributes: { userDescription: 'balances' }, updatedBy: 'j.ortiz' };
    const change = only(envelope(notification('ENTITY_UPDATE', tableHeader({ classifications: [tag('PII')] }), { mutatedDetails })));
    expect(change).toMatchObject({ completeness: 'delta', actor: { id: 'j.ortiz' }, authtype: 'user', patch: { description: 'balances' } });
    expect((change as { patch: object }).patch).not.toHaveProperty('owners');
    expect((change as { patch: object }).patch).not.toHaveProperty('classifications');
  });

  it('are custom metadata by set and attribute', () => {
    expect(patchOf('BUSINESS_ATTRIBUTE_UPDATE', {}, { mutatedDetails: { retention: { years: 7, hold: null } } })).toMatchObject({
      properties: { 'retention.years': 7, 'retention.hold': null },
    });
  });
});

describe('relationships', () => {
  it('follow the data: an input flows into its process', () => {
    expect(only(envelope(relationshipNotification('RELATIONSHIP_CREATE', inputEdge())))).toMatchObject({
      target: 'relationship',
      action: 'upsert',
      nativeType: 'dataset_process_inputs',
      patch: {
        type: 'dataset_process_inputs',
        from: `urn:gov:atlas:northbank:${paymentsGuid}`,
        to: `urn:gov:atlas:northbank:${loadGuid}`,
        lineage: true,
        properties: { label: 'r:dataset_process_inputs', propagateTags: 'TWO_TO_ONE' },
      },
    });
  });

  it.each([
    ['hive_table_db', 'hive_db', false],
    ['some_edge', 'spark_process', true],
    ['some_edge', 'LoadProcess', true],
    ['process_dataset_outputs', 'DataSet', true],
  ])('of type %s to %s are lineage: %s', (typeName, endType, lineage) => {
    const edge = inputEdge({ typeName, end1: { guid: loadGuid, typeName: endType } });
    expect(only(envelope(relationshipNotification('RELATIONSHIP_UPDATE', edge)))).toMatchObject({
      patch: { lineage, from: `urn:gov:atlas:northbank:${loadGuid}` },
    });
  });

  it.each([['RELATIONSHIP_DELETE', 'ACTIVE'], ['RELATIONSHIP_UPDATE', 'DELETED']])('end with %s in status %s', (operation, status) => {
    const change = only(envelope(relationshipNotification(operation, { ...inputEdge({ status }), end1: null })));
    expect(change).toMatchObject({ target: 'relationship', action: 'delete' });
  });
});

describe('the first notification version', () => {
  it('is read without an envelope', () => {
    expect(only({ operationType: 'ENTITY_CREATE', entity: referenceable() })).toMatchObject({
      urn,
      nativeType: 'hive_table',
      time: new Date(transportMs).toISOString(),
      patch: { name: 'current_accounts', description: null, classifications: { mode: 'state', list: [direct('PII')] } },
    });
  });

  it.each([
    ['TRAIT_ADD', [{ typeName: 'IBAN', values: { country: 'DE' } }, { typeName: 'PII', values: {} }], [{ ...direct('IBAN'), attributes: { country: 'DE' } }]],
    ['TRAIT_UPDATE', [{ typeName: 'PII' }], [direct('PII')]],
    ['TRAIT_DELETE', [], []],
  ])('maps %s to the whole list of traits', (operationType, traits, list) => {
    const change = only(envelope({ type: 'ENTITY_NOTIFICATION_V1', operationType, entity: referenceable(), traits }));
    expect(change).toMatchObject({ patch: { classifications: { mode: 'state', list } } });
  });

  it('knows a deleted entity by the state of its id', () => {
    const entity = referenceable({ id: { id: accountsGuid, state: 'DELETED' } });
    expect(only(envelope({ operationType: 'ENTITY_UPDATE', entity }))).toMatchObject({ action: 'delete' });
  });
});

describe('identity', () => {
  const message = notification('ENTITY_UPDATE', tableHeader());

  it('is the same however the message was sent, and whatever the order of its members', () => {
    const reversed = Object.fromEntries(Object.entries(message).toReversed());
    const ids = [envelope(message), envelope(reversed, { msgSourceIP: '<IP>', msgCreationTime: 1 }), gzipped(envelope(message)), message].map((each) => only(each).messageId);
    expect(new Set(ids).size).toBe(1);
  });

  it.each([
    ['guid', notification('ENTITY_UPDATE', tableHeader({ guid: ibanGuid }))],
    ['operation', notification('ENTITY_CREATE', tableHeader())],
    ['time', notification('ENTITY_UPDATE', tableHeader(), { eventTime: eventTime + 1 })],
    ['content', notification('ENTITY_UPDATE', tableHeader({ displayText: 'x' }))],
    ['details', notification('ENTITY_UPDATE', tableHeader(), { mutatedDetails: { attributes: { name: 'x' } } })],
  ])('differs by %s', (_, other) => {
    expect(only(envelope(other)).messageId).not.toBe(only(envelope(message)).messageId);
  });
});

describe('versions', () => {
  it.each(['1', '1.0', '1.0.0', '0.9.2'])('reads %s', (version) => {
    expect(changesOf(envelope(notification('ENTITY_UPDATE', tableHeader()), { version: { version } }))).toHaveLength(1);
  });

  it.each(['1.0.1', '2.0.0', '10'])('refuses %s', (version) => {
    expect(() => changesOf(envelope(notification('ENTITY_UPDATE', tableHeader()), { version: { version } }))).toThrow(/newer than 1\.0\.0/);
  });
});

describe('bodies', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('are one message, or a list of them with every digit kept', () => {
    expect(format.split(bytes('{"a":1}'), json).map((each) => Buffer.from(each.value ?? []).toString())).toEqual(['{"a":1}']);
    const split = format.split(bytes(' [ {"a":"],["} , {"n":12345678901234567890}, [1,2] ] '), json);
    expect(split.map((each) => Buffer.from(each.value ?? []).toString())).toEqual(['{"a":"],["}', '{"n":12345678901234567890}', '[1,2]']);
    expect(format.split(bytes('[]'), json)).toEqual([]);
  });

  it.each([
    [{}, '{}', 'unsupported-media-type'],
    [{ 'content-type': 'text/plain' }, '{}', 'unsupported-media-type'],
    [{ 'content-type': 'application/json; charset=latin1' }, '{}', 'unsupported-media-type'],
    [json, '[{]', 'invalid-json'],
    [json, `[${Array.from({ length: 1001 }, () => '1').join(',')}]`, 'message-too-large'],
    [json, ' '.repeat(8 * 1024 * 1024 + 1), 'message-too-large'],
  ])('of %j are refused when they are not that', (headers, body, code) => {
    expect(() => format.split(bytes(body), headers)).toThrow(expect.objectContaining({ code }));
  });
});
