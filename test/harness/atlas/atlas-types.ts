import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';

/** What one request may define. */
export interface TypeDefinitions {
  readonly [key: string]: JsonValue;
  readonly entityDefs: readonly JsonObject[];
  readonly relationshipDefs: readonly JsonObject[];
  readonly classificationDefs: readonly JsonObject[];
}

function attribute(name: string, typeName: string, members: JsonObject = {}): JsonObject {
  const isList = typeName.startsWith('array');
  return {
    name,
    typeName,
    isOptional: true,
    isUnique: false,
    isIndexable: false,
    cardinality: isList ? 'SET' : 'SINGLE',
    valuesMinCount: 0,
    valuesMaxCount: isList ? 2_147_483_647 : 1,
    ...members,
  };
}

const notified = { includeInNotification: true };

function entity(name: string, superTypes: readonly string[], ...attributeDefs: readonly JsonObject[]): JsonObject {
  return { name, superTypes, typeVersion: '1.0', attributeDefs };
}

function tag(name: string, superTypes: readonly string[] = []): JsonObject {
  return { name, superTypes, typeVersion: '1.0', attributeDefs: [attribute('level', 'string')] };
}

function flow(name: string, propagateTags: string, end: string, other: string): JsonObject {
  const endDef = { isContainer: false, cardinality: 'SET', isLegacyAttribute: true };
  return {
    name,
    typeVersion: '1.0',
    relationshipCategory: 'ASSOCIATION',
    propagateTags,
    endDef1: { ...endDef, type: 'Process', name: end },
    endDef2: { ...endDef, type: 'DataSet', name: other, isLegacyAttribute: false },
    attributeDefs: [],
  };
}

/** Those that everybody's models stand on. */
export const baseTypes: TypeDefinitions = {
  entityDefs: [
    entity(
      'Referenceable',
      [],
      attribute('qualifiedName', 'string', { isOptional: false, isUnique: true, isIndexable: true, valuesMinCount: 1 }),
    ),
    entity(
      'Asset',
      ['Referenceable'],
      attribute('name', 'string', { isOptional: false, isIndexable: true, valuesMinCount: 1 }),
      attribute('description', 'string'),
      attribute('owner', 'string', { isIndexable: true }),
    ),
    entity('DataSet', ['Asset']),
    entity('Process', ['Asset'], attribute('inputs', 'array<DataSet>'), attribute('outputs', 'array<DataSet>')),
  ],
  relationshipDefs: [
    flow('dataset_process_inputs', 'TWO_TO_ONE', 'inputs', 'inputToProcesses'),
    flow('process_dataset_outputs', 'ONE_TO_TWO', 'outputs', 'outputFromProcesses'),
  ],
  classificationDefs: [],
};

/** Those of the bank. A report has an owner and a description of a form of its own, as custom types may. */
export const bankTypes: TypeDefinitions = {
  classificationDefs: [tag('PII'), tag('BANK_ID', ['PII']), tag('IBAN', ['BANK_ID']), tag('FINANCE')],
  entityDefs: [
    entity(
      'bank_table',
      ['DataSet'],
      attribute('rowCount', 'long', notified),
      attribute('viewText', 'string', notified),
    ),
    entity('bank_process', ['Process']),
    entity(
      'bank_report',
      ['Referenceable'],
      attribute('name', 'string', notified),
      attribute('owner', 'array<string>', notified),
      attribute('description', 'array<string>', notified),
    ),
  ],
  relationshipDefs: [],
};

/** Direct super-types, as a connector is told of them. */
export const bankSuperTypes = { IBAN: ['BANK_ID'], BANK_ID: ['PII'] };
