import { expect, it } from 'vitest';
import { sampleAlert, sampleAsset } from '../../adapters/contract/samples.ts';
import type { ConceptDocument, DefinitionDocument, RelationshipDocument } from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import { identityMask } from './mask.ts';
import { changedMembers, documentMembers, headMembers } from './members.ts';
import { documentRest, wireHead } from './wire-document.ts';

const asset = sampleAsset('acme', 'urn:gov:orders');
const edge = { ...asset, kind: 'relationship' } as unknown as RelationshipDocument;
const definition = { ...asset, kind: 'definition' } as unknown as DefinitionDocument;
const term = { ...asset, kind: 'term' } as unknown as ConceptDocument;
const documents: readonly WithoutHead[] = [asset, sampleAlert('acme', 'urn:gov:alert'), edge, definition, term];

it('the names that may be asked for are those of what goes out', () => {
  expect(Object.keys(wireHead(asset.head, identityMask)).toSorted()).toEqual([...headMembers].toSorted());
  const rests = documents.flatMap((document) => Object.keys(documentRest(document, identityMask)));
  expect([...new Set(rests)].toSorted()).toEqual([...documentMembers].toSorted());
});

it('a change may be of any member but those that are made of others or set by the hub', () => {
  const all = new Set([...headMembers, ...documentMembers]);
  const others = [...all].filter((name) => !changedMembers.has(name));
  expect(others.toSorted()).toEqual(['createdAt', 'kind', 'tags', 'updatedAt']);
});
