import { expect, it } from 'vitest';
import { sampleAsset } from '../../adapters/contract/samples.ts';
import { createForm, type WantedForm } from './form.ts';
import { itemText } from './item-text.ts';
import { identityMask } from './mask.ts';
import { documentRest, wireHead } from './wire-document.ts';

const document = sampleAsset('acme', 'urn:"orders"', { description: 'text', terms: ['t'] });
const shown = (wanted: WantedForm): unknown =>
  JSON.parse(itemText(document, { form: createForm({ mode: 'view', ...wanted }), mask: identityMask }));

it('shows the entity with its urn, and what the document says beyond it', () => {
  const whole = { urn: 'urn:"orders"', ...wireHead(document.head, identityMask) };
  const rest = JSON.parse(JSON.stringify(documentRest(document, identityMask))) as object;
  expect(shown({})).toEqual({ entity: whole, document: rest });
  expect(shown({ shape: 'entity' })).toEqual({ entity: whole });
});

it('shows the fields that were asked for, and always the urn', () => {
  const entity = { urn: 'urn:"orders"' };
  expect(shown({ fields: ['name', 'terms'] })).toEqual({
    entity: { ...entity, name: 'orders' },
    document: { terms: ['t'] },
  });
  expect(shown({ fields: ['terms'] })).toEqual({ entity, document: { terms: ['t'] } });
  expect(shown({ shape: 'entity', fields: ['type'] })).toEqual({ entity: { ...entity, type: 'table' } });
  // of another kind of document
  expect(shown({ fields: ['severity'] })).toEqual({ entity, document: {} });
});
