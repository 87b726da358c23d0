import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../channels/catalog/change.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { accountsGuid, atlasProfile, ibanGuid, tableHeader, tag } from './atlas/fixtures.ts';
import { type BaselineOptions, readBaseline } from './baseline.ts';

const nowMs = 1_767_700_000_000;
const now = new Date(nowMs).toISOString();
const options: BaselineOptions = { clock: { now: () => nowMs }, superTypes: { IBAN: ['PII'] } };

async function* inChunks(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}

async function batches(text: string, given: BaselineOptions = options, size = 7): Promise<readonly Change[][]> {
  const found: Change[][] = [];
  for await (const batch of readBaseline(inChunks(text, size), atlasProfile, given)) found.push(batch);
  return found;
}

async function changes(text: string): Promise<readonly Change[]> {
  return (await batches(text)).flat();
}

const column = {
  typeName: 'hive_column',
  guid: ibanGuid,
  status: 'ACTIVE',
  attributes: { name: 'iban', qualifiedName: 'retail.current_accounts.iban@north' },
  relationshipAttributes: { table: { guid: accountsGuid, typeName: 'hive_table' } },
  classifications: [tag('IBAN'), tag('PII')],
  updateTime: 1_767_000_000_000,
};
const table = tableHeader({ updateTime: 0, createTime: 0 });
const definitions = {
  classificationDefs: [
    { category: 'CLASSIFICATION', name: 'IBAN', superTypes: ['PII'], description: 'Account number' },
    { name: 'PII', superTypes: [] },
  ],
};

describe('assets in the public form', () => {
  const lines = [
    {
      urn: `urn:gov:atlas:northbank:${accountsGuid}`,
      type: 'table',
      name: 'current_accounts',
      owners: ['maria.keller'],
      time: '2026-01-05T00:00:00Z',
    },
    { id: 'branches', name: 'branches', classifications: [{ scheme: 'bank', name: 'internal' }] },
  ];
  const text = `\uFEFF${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n\n`;

  it('are one change a line, replayed and whole', async () => {
    expect(await changes(text)).toMatchObject([
      {
        urn: lines[0]?.urn,
        time: '2026-01-05T00:00:00.000Z',
        replay: true,
        completeness: 'state',
        origin: { system: 'import', transport: 'import' },
        patch: { name: 'current_accounts' },
      },
      {
        urn: 'urn:gov:atlas:northbank:branches',
        nativeId: 'branches',
        time: now,
        patch: { classifications: { mode: 'state' } },
      },
    ]);
  });

  it('are the same however the text is cut', async () => {
    const whole = JSON.stringify(await batches(text, options, text.length));
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (size) => {
      expect(JSON.stringify(await batches(text, options, size))).toBe(whole);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it('come in batches of the size asked for', async () => {
    const many = Array.from({ length: 7 }, (_, index) => JSON.stringify({ id: `t${index}` })).join('\n');
    expect(
      (await batches(many, { ...options, batchSize: 3 })).map((batch) => batch.map((change) => change.nativeId)),
    ).toEqual([['t0', 't1', 't2'], ['t3', 't4', 't5'], ['t6']]);
    expect(await batches(' \n\n')).toEqual([]);
  });

  it('may be one list over many lines', async () => {
    expect((await changes(JSON.stringify(lines, undefined, 2))).map((change) => change.urn)).toEqual([
      lines[0]?.urn,
      'urn:gov:atlas:northbank:branches',
    ]);
  });
});

describe('Atlas exports', () => {
  const expected = [
    {
      target: 'asset',
      nativeId: ibanGuid,
      time: new Date(1_767_000_000_000).toISOString(),
      replay: true,
      completeness: 'state',
      patch: {
        type: 'column',
        parent: `urn:gov:atlas:northbank:${accountsGuid}`,
        classifications: { list: [{ name: 'IBAN' }] },
      },
    },
    { target: 'asset', nativeId: accountsGuid, time: now, patch: { type: 'table' } },
  ];

  it.each([
    ['entities over many lines', JSON.stringify({ entities: [column, table] }, undefined, 1)],
    ['entities in one line', JSON.stringify({ entities: [column, table] })],
    [
      'entities with what they refer to',
      JSON.stringify({ entities: [], referredEntities: { [ibanGuid]: column, [accountsGuid]: table } }),
    ],
    [
      'one entity with what it refers to a line',
      `${JSON.stringify({ entity: column, referredEntities: {} })}\n${JSON.stringify({ entity: table })}`,
    ],
    ['one entity and its reference', JSON.stringify({ entity: column, referredEntities: { [accountsGuid]: table } })],
    [
      'extended information as a list',
      JSON.stringify({ entitiesWithExtInfo: [{ entity: column }, { entity: table }] }),
    ],
    [
      'extended information as an object',
      JSON.stringify({ entitiesWithExtInfo: { entities: [column], referredEntities: { [accountsGuid]: table } } }),
    ],
    ['bare entities', `${JSON.stringify(column)}\n${JSON.stringify(table)}`],
  ])('are read as %s', async (_, text) => {
    expect(await changes(text)).toMatchObject(expected);
  });

  it('define classifications before they use them', async () => {
    const found = await changes(JSON.stringify({ entities: [table], typesDef: definitions }));
    expect(found).toMatchObject([
      {
        target: 'definition',
        urn: 'urn:gov:classification:atlas:IBAN',
        replay: true,
        patch: { scheme: 'atlas', name: 'IBAN', parents: ['PII'], description: 'Account number' },
      },
      { target: 'definition', urn: 'urn:gov:classification:atlas:PII', patch: { parents: [] } },
      { target: 'asset' },
    ]);
    expect(await changes(JSON.stringify(definitions))).toHaveLength(2);
  });

  it('tell what is deleted', async () => {
    expect(await changes(JSON.stringify({ entities: [tableHeader({ status: 'DELETED' })] }))).toMatchObject([
      { action: 'delete', purge: false, replay: true },
    ]);
  });
});

describe('Atlas exports of real catalogs', () => {
  it('I20: give the tags, terms and labels of an entity, whatever its attributes hold', async () => {
    const entity = tableHeader({
      attributes: { name: 12, owner: ['ada'], description: 'd'.repeat(70_000), big: 12_345 },
      classifications: [tag('PII')],
      relationshipAttributes: { meanings: [{ guid: 't-1', typeName: 'AtlasGlossaryTerm' }] },
      labels: ['gold'],
      customAttributes: { team: 'blue' },
    });
    const text = JSON.stringify({ entities: [entity] }).replace('12345', '12345678901234567890');
    expect(await changes(text)).toMatchObject([
      {
        mayCut: true,
        patch: {
          classifications: { list: [{ name: 'PII' }] },
          terms: { list: ['t-1'] },
          properties: {
            name: 12,
            owner: ['ada'],
            big: { exactNumber: '12345678901234567890' },
            labels: ['gold'],
            customAttributes: { team: 'blue' },
          },
        },
      },
    ]);
  });
});

describe('a bad line', () => {
  it.each([
    ['not JSON', '{"id":"a"}\n{"id" "b"}', 'line 2: the message is not valid JSON'],
    ['at once', 'x', 'line 1: the message is not valid JSON'],
    ['a number', '{"id":"a"}\n\n7', 'line 3: each entry must be an object'],
    ['without identity', '{"name":"a"}', 'line 1: urn or id is required'],
    [
      'with an unknown field',
      '{"id":"a"}\n{"id":"b","clasifications":[]}',
      'line 2: asset.clasifications is not a known field',
    ],
    ['of somebody else', '{"urn":"urn:gov:other:1"}', 'line 1: urn must be inside urn:gov:atlas:northbank'],
    [
      'an entity without guid',
      '{"entities":[{"typeName":"hive_table"}]}',
      'line 1: entities[0].guid must be a non-empty string',
    ],
    ['a document that does not end', '\n{\n"entities": [', 'line 2: the message is not valid JSON'],
    ['a time that is none', '{"id":"a","time":"now"}', 'line 1: time must be an RFC 3339 time'],
  ])('is named: %s', async (_, text, message) => {
    const error: unknown = await changes(text).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HubError);
    expect(error).toMatchObject({ code: 'invalid-message', message: expect.stringContaining(message) });
  });

  it('keeps what came before it', async () => {
    const found: Change[] = [];
    const reading = async (): Promise<void> => {
      for await (const batch of readBaseline(inChunks('{"id":"a"}\n{"id":"b"}\n!', 3), atlasProfile, {
        ...options,
        batchSize: 1,
      }))
        found.push(...batch);
    };
    await expect(reading()).rejects.toThrow('line 3');
    expect(found.map((change) => change.nativeId)).toEqual(['a', 'b']);
  });

  it('cannot fill the memory', async () => {
    await expect(batches('x'.repeat(500), { ...options, maxLength: 100 })).rejects.toThrow(
      'line 1: must have at most 100 characters',
    );
    await expect(batches(`{\n${'"a":1,\n'.repeat(100)}`, { ...options, maxLength: 100 })).rejects.toThrow('line 1');
  });
});
