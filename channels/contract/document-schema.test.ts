import { expect, it } from 'vitest';
import { sampleAlert, sampleAsset } from '../../adapters/contract/samples.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import { isConceptKind } from '../catalog/concept.ts';
import { conceptKinds, type DocumentKind, documentKinds } from '../event/head.ts';
import { identityMask } from '../wire/mask.ts';
import { wireDocument } from '../wire/wire-document.ts';
import { documentSchema } from './document-schema.ts';

const asset = sampleAsset('acme', 'urn:gov:orders');
const alert = sampleAlert('acme', 'urn:gov:alert');

/** Only some kinds have them, and the encoder names them for all. */
const ofSome: ReadonlySet<string> = new Set(['type', 'fqn', 'platform', 'domain']);

function membersOf(kind: DocumentKind): readonly string[] {
  const option = documentSchema.options.find(({ shape }) => shape['kind']?.safeParse(kind).success);
  return Object.keys(option?.shape ?? {});
}

it.each(documentKinds)('W24: a document of kind %s is described with the members that are sent', (kind) => {
  const document = (kind === 'alert' ? alert : { ...asset, kind }) as WithoutHead;
  const sent = Object.keys(wireDocument(document, identityMask));
  const described = membersOf(kind);
  expect(described.filter((name) => !sent.includes(name))).toEqual([]);
  const others = isConceptKind(kind) ? conceptKinds.flatMap(membersOf) : [];
  expect(sent.filter((name) => ![...described, ...others].includes(name) && !ofSome.has(name))).toEqual([]);
});
