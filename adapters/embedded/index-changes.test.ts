import { expect, it } from 'vitest';
import { sampleAsset, sampleConcept } from '../contract/samples.ts';
import { forms } from '../../channels/forms/forms.ts';
import { decodeDocument, encodeDocument } from './index-changes.ts';

it('R4 only documents of new kinds are of the form that older nodes refuse', () => {
  const [asset, term] = [sampleAsset('acme', 'urn:a'), sampleConcept('acme', 'urn:t')];
  const texts = [asset, term].map((document) => encodeDocument(document).text);
  expect(texts.map((text) => text.slice(0, text.indexOf('~')))).toEqual(['3', String(forms.document.writes)]);
  expect(texts.map(decodeDocument)).toEqual([asset, term]);
});
