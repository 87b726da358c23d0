import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../channels/event/json.ts';
import { accountsGuid, paymentsGuid, tag } from './fixtures.ts';
import { Told } from './told-fixture.ts';

const attributes = { qualifiedName: 'retail.accounts', name: 'accounts', rowCount: 42, dataType: 'NUMBER' };

describe('a first message with details of what changed', () => {
  it('atlas-15: is the whole entity as its header has it, not only what changed', () => {
    const entity = { attributes, classifications: [tag('PII')] };
    const mutatedDetails = { attributes: { userDescription: 'x' }, updatedBy: 'sam' };
    const told = new Told().say('ENTITY_UPDATE', entity, { mutatedDetails });
    expect(told.tags).toEqual(['PII']);
    expect(told.properties).toEqual({ rowCount: 42, dataType: 'NUMBER' });
    expect(told.asset).toMatchObject({ description: 'x', aliases: ['retail.accounts'], fqn: 'retail.accounts' });
    expect(told.events[0]).toMatchObject({ authid: 'sam' });
  });

  it('has all tags of the list, not only the one that was added', () => {
    const told = new Told().say(
      'CLASSIFICATION_ADD',
      { attributes, classifications: [tag('PII'), tag('GDPR')] },
      { mutatedDetails: [tag('GDPR')] },
    );
    expect(told.tags).toEqual(['GDPR', 'PII']);
    expect(told.properties).toEqual({ rowCount: 42, dataType: 'NUMBER' });
  });

  it('has the attributes of the header also when custom metadata changed', () => {
    const mutatedDetails = { Retention: { years: 7 }, odd: 'x' };
    const told = new Told().say('BUSINESS_ATTRIBUTE_UPDATE', { attributes }, { mutatedDetails });
    expect(told.properties).toEqual({ rowCount: 42, dataType: 'NUMBER', 'Retention.years': 7, odd: 'x' });
  });
});

describe('terms', () => {
  const term = { guid: 't-1', typeName: 'AtlasGlossaryTerm' };

  it.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ['details', {}, { mutatedDetails: { relationshipAttributes: { meanings: [term] } } }, ['t-1']],
    ['details, directly', {}, { mutatedDetails: { meanings: [{ termGuid: 't-2', displayText: 'Balance' }] } }, ['t-2']],
    ['relationships', { relationshipAttributes: { meanings: [term, { ...term, guid: 't-3' }] } }, {}, ['t-1', 't-3']],
    ['assignments', { meanings: [{ termGuid: 't-1', displayText: 'Balance' }] }, {}, ['t-1']],
    ['assignments without guid', { meanings: [{ displayText: 'Balance' }] }, {}, ['Balance']],
    ['names', { meanings: [], meaningNames: ['Balance'] }, {}, ['Balance']],
    [
      'relationships, some taken away',
      { relationshipAttributes: { meanings: [term, { ...term, guid: 't-9', relationshipStatus: 'DELETED' }] } },
      {},
      ['t-1'],
    ],
  ])('atlas-16: come from %s', (_, entity, beside, terms) => {
    const told = new Told().say('ENTITY_CREATE').say('ENTITY_UPDATE', entity, beside);
    expect(told.asset.terms).toEqual(terms);
    expect(told.events.at(-1)?.data.change.facets).toContain('term');
  });

  it('atlas-17: stay when a header does not fill its lists, and go when they are said to have changed to none', () => {
    const told = new Told().say('ENTITY_UPDATE', { meanings: [{ termGuid: 't-1' }], meaningNames: ['Balance'] });
    expect(told.say('ENTITY_UPDATE', { meanings: [], meaningNames: [] }).asset.terms).toEqual(['t-1']);
    expect(told.properties).toMatchObject({ meaningNames: ['Balance'] });
    const mutatedDetails = { relationshipAttributes: { meanings: [] } };
    expect(told.say('ENTITY_UPDATE', {}, { mutatedDetails }).asset.terms).toEqual([]);
  });

  it('beyond what a document holds are left out', () => {
    const meanings = Array.from({ length: 300 }, (_, i) => ({ termGuid: `t-${i}` }));
    expect(new Told().say('ENTITY_UPDATE', { meanings }).asset.terms).toHaveLength(200);
  });
});

describe('atlas-18: what stands beside the attributes', () => {
  const entity = {
    labels: ['gold', 'reviewed'],
    customAttributes: { team: 'blue', cost: '7' },
    businessAttributes: { Retention: { years: 7, hold: null } },
    meaningNames: ['Balance'],
  };

  it('is kept as properties', () => {
    expect(new Told().say('ENTITY_UPDATE', { ...entity, attributes: {} }).properties).toEqual({
      labels: ['gold', 'reviewed'],
      customAttributes: { team: 'blue', cost: '7' },
      'Retention.years': 7,
      meaningNames: ['Balance'],
    });
  });

  it('goes with what is taken out of it', () => {
    const told = new Told().say('ENTITY_UPDATE', { ...entity, attributes: {} });
    told.say('ENTITY_UPDATE', { attributes: {}, labels: ['gold'], customAttributes: { team: 'blue' } });
    expect(told.properties).toMatchObject({ labels: ['gold'], customAttributes: { team: 'blue' } });
    told.say('ENTITY_UPDATE', { attributes: {} }, { mutatedDetails: { labels: [], customAttributes: {} } });
    expect(Object.keys(told.properties)).toEqual(['Retention.years', 'meaningNames']);
  });

  it('does not replace an attribute of the same name', () => {
    expect(new Told().say('ENTITY_UPDATE', { attributes: { labels: 3 }, labels: ['gold'] }).properties).toEqual({
      labels: 3,
    });
  });
});

describe('atlas-19: who did it', () => {
  it.each<[string, JsonObject, JsonObject, string | undefined]>([
    ['ENTITY_UPDATE', { updatedBy: 'kartik', createdBy: 'ada' }, {}, 'kartik'],
    ['ENTITY_UPDATE', { createdBy: 'ada' }, {}, undefined],
    ['ENTITY_CREATE', { createdBy: 'ada', updatedBy: 'kartik' }, {}, 'ada'],
    ['ENTITY_CREATE', { updatedBy: 'kartik' }, {}, 'kartik'],
    ['ENTITY_UPDATE', { updatedBy: 'kartik' }, { mutatedDetails: { updatedBy: 'sam' } }, 'sam'],
    ['CLASSIFICATION_ADD', { updatedBy: 'kartik', classifications: [] }, {}, 'kartik'],
    ['ENTITY_UPDATE', { updatedBy: '' }, {}, undefined],
  ])('%s of %j with %j', (operation, entity, beside, actor) => {
    const [event] = new Told().say(operation, entity, beside).events;
    expect(event?.data.actor?.id).toBe(actor);
    expect(event?.authtype).toBe(actor === undefined ? 'unknown' : 'user');
  });

  it('is a service account by its name, also of a deletion', () => {
    const told = new Told().say('ENTITY_CREATE').say('ENTITY_DELETE', { updatedBy: 'service-account-crawler' });
    expect(told.events[1]).toMatchObject({ authid: 'service-account-crawler', authtype: 'service_account' });
  });
});

describe('atlas-6: aliases', () => {
  it.each([[{}], [{ mutatedDetails: { attributes: { rowCount: 43 } } }], [{ mutatedDetails: {} }]])(
    'are the qualified name, with %j',
    (beside) => {
      const table = { guid: accountsGuid, attributes: { qualifiedName: 'retail.accounts' } };
      expect(new Told().say('ENTITY_UPDATE', table, beside).asset.aliases).toEqual(['retail.accounts']);
    },
  );

  it('and the parent of the details count like those of the header', () => {
    const mutatedDetails = { relationshipAttributes: { db: { guid: paymentsGuid, typeName: 'hive_db' } } };
    expect(new Told().say('ENTITY_UPDATE', {}, { mutatedDetails }).asset.parent).toBe(
      `urn:gov:atlas:northbank:${paymentsGuid}`,
    );
  });
});
