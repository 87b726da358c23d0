import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { applyChange } from '../../../channels/catalog/apply-change.ts';
import { readBaseline } from '../baseline.ts';
import { createAtlasFormat } from './atlas-format.ts';
import { atlasOrigin, atlasProfile, envelope, nativeMessage, notification } from './fixtures.ts';

const format = createAtlasFormat({ superTypes: {} });
const writing: ConnectorProfile = { ...atlasProfile, writes: ['urn:gov:term'] };
const balance = {
  guid: 't-1',
  typeName: 'AtlasGlossaryTerm',
  status: 'ACTIVE',
  attributes: {
    ...{ name: 'Balance', qualifiedName: 'balance@Banking', abbreviation: 'BAL', status: 'Expired' },
    ...{ shortDescription: 'short', longDescription: 'What is left' },
  },
  relationshipAttributes: {
    seeAlso: [{ guid: 't-2', typeName: 'AtlasGlossaryTerm' }, 'odd'],
    synonyms: [{ guid: 't-3', displayText: 'saldo' }, { guid: 't-4' }],
  },
};

function changeOf(operation: string, members: JsonObject = {}, profile = writing): Change {
  const message = nativeMessage(envelope(notification(operation, { ...balance, ...members })));
  const result = format.normalise(message, atlasOrigin, profile);
  if (result.kind !== 'changes' || result.changes[0] === undefined) throw new Error('expected a change');
  return result.changes[0];
}

const expected = {
  ...{ target: 'term', action: 'upsert', urn: 'urn:gov:term:t-1', nativeId: 't-1' },
  patch: {
    ...{ name: 'Balance', description: 'What is left', glossary: 'Banking', status: 'deprecated' },
    synonyms: { mode: 'state', list: ['BAL', 'saldo'] },
    relatedTerms: { mode: 'state', list: ['urn:gov:term:t-2'] },
  },
};

describe('terms of a glossary', () => {
  it('atlas-30: are at the urn that the guids of assets refer to, for a connector that may write there', () => {
    expect(changeOf('ENTITY_CREATE')).toMatchObject(expected);
    expect(changeOf('ENTITY_DELETE')).toMatchObject({ target: 'term', action: 'delete', urn: 'urn:gov:term:t-1' });
    expect(changeOf('ENTITY_UPDATE', { status: 'DELETED' })).toMatchObject({ target: 'term', action: 'delete' });
    const asset = { target: 'asset', urn: 'urn:gov:atlas:northbank:t-1', patch: { type: 'atlasglossaryterm' } };
    expect(changeOf('ENTITY_CREATE', {}, atlasProfile)).toMatchObject(asset);
  });

  it('are read of an export, too', async () => {
    const found: Change[] = [];
    const text = JSON.stringify({ entities: [], referredEntities: { 't-1': balance } });
    const chunks = (async function* whole() {
      yield text;
    })();
    for await (const batch of readBaseline(chunks, writing)) found.push(...batch);
    expect(found).toMatchObject([{ ...expected, replay: true }]);
  });

  it.each<JsonObject>([
    { attributes: null, relationshipAttributes: null },
    { attributes: { name: 1, qualifiedName: '@', shortDescription: [], status: 7 } },
    {
      attributes: {
        name: 'x'.repeat(5000),
        longDescription: 'y'.repeat(100_000),
        qualifiedName: `a@${'z'.repeat(5000)}`,
      },
    },
    { relationshipAttributes: { anchor: 'x', seeAlso: {}, synonyms: [null, { displayText: '' }] } },
    {
      relationshipAttributes: {
        seeAlso: Array.from({ length: 500 }, (_, index) => ({ guid: `g${index}` })),
        synonyms: Array.from({ length: 500 }, (_, index) => ({ displayText: `s${index}` })),
      },
    },
  ])('fit into a document, whatever they hold: %#', (members) => {
    const context = { recordedAt: '2027-01-01T00:00:00.000Z', parentsOf: () => [] };
    const applied = applyChange(undefined, changeOf('ENTITY_UPDATE', members), context);
    expect(applied?.document).toMatchObject({ kind: 'term', urn: 'urn:gov:term:t-1' });
  });
});
