import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createAtlasFormat } from './atlas-format.ts';
import {
  accountsGuid,
  atlasOrigin,
  atlasProfile,
  envelope,
  eventTime,
  gzipped,
  ibanGuid,
  nativeMessage,
  notification,
  tableHeader,
  tag,
  transportMs,
} from './fixtures.ts';

const format = createAtlasFormat({ superTypes: { IBAN: ['PII'] } });
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

const direct = (name: string): object => ({ scheme: 'atlas', name, origin: 'unknown', state: 'confirmed' });

describe('entities', () => {
  it('atlas-5: maps a header to one asset change', () => {
    expect(only(envelope(notification('ENTITY_CREATE', tableHeader()), { spooled: true }))).toEqual({
      target: 'asset',
      action: 'upsert',
      mayCut: true,
      tenant: 'northbank',
      connector: 'northbank-atlas',
      source: '/atlas/northbank-atlas',
      urn,
      messageId: expect.stringMatching(/^[\w-]{43}$/),
      ordinal: 0,
      time: new Date(eventTime).toISOString(),
      sent: new Date(eventTime + 40).toISOString(),
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
        properties: {
          createTime: 1_700_000_000_000,
          name: null,
          owner: null,
          qualifiedName: null,
          'pursight.leftOut': null,
        },
      },
    });
  });

  it('gives events the configured source', () => {
    const result = format.normalise(
      nativeMessage(envelope(notification('ENTITY_CREATE', tableHeader()))),
      atlasOrigin,
      { ...atlasProfile, source: '/atlas/prod' },
    );
    expect(result).toMatchObject({ changes: [{ source: '/atlas/prod' }] });
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
    ['__proto__', '__proto__', undefined],
  ])('takes %s for a %s', (typeName, type, platform) => {
    expect(patchOf('ENTITY_CREATE', { typeName })).toMatchObject({
      type,
      ...(platform === undefined ? {} : { platform }),
    });
    if (platform === undefined) expect(patchOf('ENTITY_CREATE', { typeName })).not.toHaveProperty('platform');
  });

  it.each([
    [
      'the first that says something',
      { description: null, userDescription: '', comment: 'daily balance' },
      'daily balance',
    ],
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
    expect(patchOf('ENTITY_UPDATE', { attributes: { owner: null } })).toMatchObject({
      owners: { mode: 'state', list: [] },
    });
    expect(patchOf('ENTITY_UPDATE', { attributes: { owner: 'payments', ownerType: 'GROUP' } })).toMatchObject({
      owners: { list: [{ id: 'payments', type: 'group' }] },
    });
  });

  it('keeps other attributes as properties, without times that were never set', () => {
    const attributes = { createTime: 0, retention: 0, 'spark.plan': { a: [1] }, gone: null, ['__proto__']: 1 };
    const { properties } = patchOf('ENTITY_UPDATE', {
      attributes: JSON.parse(`{"__proto__":1,${JSON.stringify(attributes).slice(1)}`) as JsonObject,
    }) as { properties: object };
    expect(Object.entries(properties)).toEqual([
      ['__proto__', 1],
      ['createTime', null],
      ['gone', null],
      ['retention', 0],
      ['spark.plan', { a: [1] }],
      ['pursight.leftOut', null],
    ]);
  });

  it('replaces a property that is too long by its size, so that the tags beside it are seen', () => {
    const patch = patchOf('ENTITY_UPDATE', {
      attributes: { viewText: 'x'.repeat(20_000) },
      classifications: [tag('PII')],
    });
    expect(patch).toMatchObject({
      properties: { viewText: { cutBytes: 20_002 } },
      classifications: { list: [direct('PII')] },
    });
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
  ])('atlas-7: takes %s with %j for a deletion', (operation, members, purge) => {
    expect(only(envelope(notification(operation, tableHeader(members))))).toMatchObject({
      target: 'asset',
      action: 'delete',
      purge,
      urn,
    });
  });

  it.each([
    ['the event', { eventTime }, {}, eventTime],
    ['quoted numbers', { eventTime: String(eventTime) }, {}, eventTime],
    [
      'the envelope when the event has none',
      { eventTime: 0 },
      { msgCreationTime: String(eventTime + 7) },
      eventTime + 7,
    ],
    ['the transport when nothing has one', { eventTime: null }, { msgCreationTime: 0 }, transportMs],
  ])('takes the time of %s', (_, members, outer, expected) => {
    expect(only(envelope(notification('ENTITY_UPDATE', tableHeader(), members), outer)).time).toBe(
      new Date(expected).toISOString(),
    );
  });
});

describe('identity', () => {
  const message = notification('ENTITY_UPDATE', tableHeader());

  it('atlas-1: is the same however the message was sent, and whatever the order of its members', () => {
    const reversed = Object.fromEntries(Object.entries(message).toReversed());
    const ids = [
      envelope(message),
      envelope(reversed, { msgSourceIP: '<IP>', msgCreationTime: 1 }),
      gzipped(envelope(message)),
      message,
    ].map((each) => only(each).messageId);
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

  it.each(['1.0.1', '2.0.0', '10'])('atlas-2: refuses %s', (version) => {
    expect(() => changesOf(envelope(notification('ENTITY_UPDATE', tableHeader()), { version: { version } }))).toThrow(
      /newer than 1\.0\.0/,
    );
  });
});

describe('bodies', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('atlas-23: are one message, or a list of them with every digit kept', () => {
    expect(format.split(bytes('{"a":1}'), json).map((each) => Buffer.from(each.value ?? []).toString())).toEqual([
      '{"a":1}',
    ]);
    const split = format.split(bytes(' [ {"a":"],["} , {"n":12345678901234567890}, [1,2] ] '), json);
    expect(split.map((each) => Buffer.from(each.value ?? []).toString())).toEqual([
      '{"a":"],["}',
      '{"n":12345678901234567890}',
      '[1,2]',
    ]);
    expect(format.split(bytes('[]'), json)).toEqual([]);
  });

  it.each(['text/plain; charset=utf-8', 'text/json', 'application/vnd.atlan+json'])(
    'atlas-23: may come as %s',
    (type) => {
      expect(format.split(bytes('{"a":1}'), { 'content-type': type })).toHaveLength(1);
    },
  );

  it('keep no header that is not about the message', () => {
    const [message] = format.split(bytes('{}'), {
      ...json,
      authorization: 'Bearer secret',
      cookie: 'sid=1',
      'ce-id': '7',
    });
    expect(message?.headers).toEqual({ ...json, 'ce-id': '7' });
  });

  it.each([
    [{}, '{}', 'unsupported-media-type'],
    [{ 'content-type': 'text/csv' }, '{}', 'unsupported-media-type'],
    [{ 'content-type': 'text/plain' }, 'a=1', 'invalid-json'],
    [{ 'content-type': 'application/json; charset=latin1' }, '{}', 'unsupported-media-type'],
    [json, '[{]', 'invalid-json'],
    [json, `[${Array.from({ length: 1001 }, () => '1').join(',')}]`, 'message-too-large'],
    [json, ' '.repeat(8 * 1024 * 1024 + 1), 'message-too-large'],
  ])('atlas-23: of %j are refused when they are not that', (headers, body, code) => {
    expect(() => format.split(bytes(body), headers)).toThrow(expect.objectContaining({ code }));
  });
});
