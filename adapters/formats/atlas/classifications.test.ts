import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createAtlasFormat } from './atlas-format.ts';
import {
  accountsGuid,
  atlasOrigin,
  atlasProfile,
  envelope,
  nativeMessage,
  notification,
  paymentsGuid,
  tableHeader,
  tag,
} from './fixtures.ts';

const superTypes = { IBAN: ['BANK_ID'], BANK_ID: ['PII'], LOOP_A: ['LOOP_B'], LOOP_B: ['LOOP_A'] };
const format = createAtlasFormat({ superTypes });

function only(value: JsonValue): Change {
  const result = format.normalise(nativeMessage(value), atlasOrigin, atlasProfile);
  if (result.kind !== 'changes' || result.changes.length !== 1) throw new Error('expected one change');
  return result.changes[0] as Change;
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

describe('classifications', () => {
  it('atlas-8: are the whole current list, each once, in order of name', () => {
    const classifications = [tag('PII'), tag('FINANCE', { attributes: { level: 3 } }), tag('PII')];
    expect(tagsOf('CLASSIFICATION_ADD', { classifications })).toEqual({
      mode: 'state',
      list: [{ ...direct('FINANCE'), attributes: { level: 3 } }, direct('PII')],
    });
  });

  it('atlas-12: know where they were propagated from, unless they are direct as well', () => {
    const propagated = tag('PII', { entityGuid: paymentsGuid });
    const expected = { ...direct('PII'), origin: 'propagated', from: `urn:gov:atlas:northbank:${paymentsGuid}` };
    expect(tagsOf('CLASSIFICATION_ADD', { classifications: [propagated] })).toEqual({
      mode: 'state',
      list: [expected],
    });
    expect(tagsOf('CLASSIFICATION_ADD', { classifications: [propagated, tag('PII')] })).toEqual({
      mode: 'state',
      list: [direct('PII')],
    });
  });

  it.each([
    [['IBAN', 'BANK_ID', 'PII'], ['IBAN']],
    [['PII', 'IBAN'], ['IBAN']],
    [['PII', 'BANK_ID'], ['BANK_ID']],
    [
      ['PII', 'OTHER'],
      ['OTHER', 'PII'],
    ],
    [
      ['LOOP_A', 'LOOP_B'],
      ['LOOP_A', 'LOOP_B'],
    ],
    [
      ['constructor', '__proto__'],
      ['__proto__', 'constructor'],
    ],
  ])('atlas-11: of %j keep %j, the rest is implied', (listed, kept) => {
    expect(tagsOf('CLASSIFICATION_UPDATE', { classifications: listed.map((name) => tag(name)) })).toEqual({
      mode: 'state',
      list: kept.map(direct),
    });
  });

  it('are the names when the list beside them was not filled', () => {
    const members = { classifications: [], classificationNames: ['PII'] };
    expect(tagsOf('ENTITY_UPDATE', members)).toEqual({ mode: 'state', list: [direct('PII')] });
  });

  it('atlas-9: are empty when the last was removed and the message has no list', () => {
    expect(tagsOf('CLASSIFICATION_DELETE', {})).toEqual({ mode: 'state', list: [] });
    expect(tagsOf('CLASSIFICATION_DELETE', { classifications: null, classificationNames: null })).toEqual({
      mode: 'state',
      list: [],
    });
    expect(tagsOf('CLASSIFICATION_DELETE', { classifications: [tag('PII')] })).toEqual({
      mode: 'state',
      list: [direct('PII')],
    });
  });

  it.each(['ENTITY_CREATE', 'ENTITY_UPDATE'])(
    'atlas-10: of %s count when there is a list, and only then',
    (operation) => {
      expect(tagsOf(operation, { classifications: null })).toBeUndefined();
      expect(tagsOf(operation, { classifications: [] })).toEqual({ mode: 'state', list: [] });
      expect(tagsOf(operation, { classifications: [tag('PII')] })).toEqual({ mode: 'state', list: [direct('PII')] });
      expect(tagsOf(operation, { classificationNames: ['PII'] })).toEqual({ mode: 'state', list: [direct('PII')] });
    },
  );
});

describe('details of what changed', () => {
  it('atlas-13: stand beside the whole list, which is the state', () => {
    const change = only(
      envelope(
        notification('CLASSIFICATION_ADD', tableHeader({ classifications: [tag('PII'), tag('OLD')] }), {
          mutatedDetails: [tag('PII')],
        }),
      ),
    );
    expect(change).toMatchObject({
      completeness: 'header',
      patch: { name: 'current_accounts', classifications: { mode: 'state', list: [direct('OLD'), direct('PII')] } },
    });
  });

  it.each([
    ['CLASSIFICATION_ADD', {}, { mode: 'delta', add: [direct('PII')], remove: [] }],
    ['CLASSIFICATION_UPDATE', { classifications: [] }, { mode: 'delta', add: [direct('PII')], remove: [] }],
    ['CLASSIFICATION_DELETE', {}, { mode: 'delta', add: [], remove: [{ scheme: 'atlas', name: 'PII' }] }],
    ['CLASSIFICATION_DELETE', { classifications: [] }, { mode: 'state', list: [] }],
  ])('atlas-14: of %s are all there is when %j has no filled list', (operation, members, expected) => {
    expect(tagsOf(operation, members, { mutatedDetails: [tag('PII')] })).toEqual(expected);
  });

  it('do not remove a tag that is still in the list from elsewhere', () => {
    const beside = { mutatedDetails: [tag('PII'), tag('OLD')] };
    const list = [{ ...direct('PII'), origin: 'propagated', from: `urn:gov:atlas:northbank:${paymentsGuid}` }];
    expect(
      tagsOf('CLASSIFICATION_DELETE', { classifications: [tag('PII', { entityGuid: paymentsGuid })] }, beside),
    ).toEqual({ mode: 'state', list });
  });

  it('atlas-15: are the changed attributes and who did it, beside how the entity is now', () => {
    const mutatedDetails = {
      typeName: 'hive_table',
      guid: accountsGuid,
      attributes: { userDescription: 'balances' },
      updatedBy: 'j.ortiz',
    };
    const attributes = { name: 'current_accounts', description: 'of the crawler', owner: 'maria.keller' };
    const header = tableHeader({ attributes, classifications: [tag('PII')] });
    expect(only(envelope(notification('ENTITY_UPDATE', header, { mutatedDetails })))).toMatchObject({
      completeness: 'header',
      actor: { id: 'j.ortiz' },
      authtype: 'user',
      patch: {
        description: 'balances',
        owners: { list: [{ id: 'maria.keller' }] },
        classifications: { mode: 'state', list: [direct('PII')] },
      },
    });
  });

  it.each([['x'], [[]], [7], [null], [{ attributes: [], relationshipAttributes: 'x', updatedBy: {} }]])(
    'of another form (%j) do not keep the rest from being read',
    (mutatedDetails) => {
      expect(tagsOf('ENTITY_UPDATE', { classifications: [tag('PII')] }, { mutatedDetails })).toMatchObject({
        list: [direct('PII')],
      });
    },
  );

  it('are custom metadata by set and attribute', () => {
    expect(
      patchOf('BUSINESS_ATTRIBUTE_UPDATE', {}, { mutatedDetails: { retention: { years: 7, hold: null } } }),
    ).toMatchObject({
      properties: { 'retention.years': 7, 'retention.hold': null },
    });
  });
});
