import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonValue } from '../../../channels/event/json.ts';
import { createAtlasFormat } from './atlas-format.ts';
import {
  accountsGuid,
  atlasOrigin,
  atlasProfile,
  envelope,
  inputEdge,
  loadGuid,
  nativeMessage,
  paymentsGuid,
  referenceable,
  relationshipNotification,
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

const direct = (name: string): object => ({ scheme: 'atlas', name, origin: 'unknown', state: 'confirmed' });

describe('relationships', () => {
  it('atlas-22: follow the data: an input flows into its process', () => {
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

  it.each([
    ['RELATIONSHIP_DELETE', 'ACTIVE'],
    ['RELATIONSHIP_UPDATE', 'DELETED'],
  ])('atlas-22: end with %s in status %s', (operation, status) => {
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
    [
      'TRAIT_ADD',
      [
        { typeName: 'IBAN', values: { country: 'DE' } },
        { typeName: 'PII', values: {} },
      ],
      [{ ...direct('IBAN'), attributes: { country: 'DE' } }],
    ],
    ['TRAIT_UPDATE', [{ typeName: 'PII' }], [direct('PII')]],
    ['TRAIT_DELETE', [], []],
  ])('atlas-24: maps %s to the whole list of traits', (operationType, traits, list) => {
    const change = only(envelope({ type: 'ENTITY_NOTIFICATION_V1', operationType, entity: referenceable(), traits }));
    expect(change).toMatchObject({ patch: { classifications: { mode: 'state', list } } });
  });

  it('knows a deleted entity by the state of its id', () => {
    const entity = referenceable({ id: { id: accountsGuid, state: 'DELETED' } });
    expect(only(envelope({ operationType: 'ENTITY_UPDATE', entity }))).toMatchObject({ action: 'delete' });
  });
});
