import { expect, it } from 'vitest';
import { conceptChange } from '../../test/harness/changes.ts';
import { applyChange } from '../catalog/apply-change.ts';
import type { ConceptPatch } from '../catalog/change.ts';
import type { ConceptKind } from '../event/head.ts';
import type { ConceptDocument, DomainDocument, TeamDocument, TermDocument } from '../protocol/concepts.ts';
import { identityMask } from './mask.ts';
import { wireDocument } from './wire-document.ts';

const shared: Record<keyof ConceptDocument, true> = {
  ...{ urn: true, type: true, name: true, description: true, parent: true, owners: true },
  ...{ createdAt: true, updatedAt: true },
};
// as objects, so that the compiler requires every name
const term: Record<keyof TermDocument, true> = {
  ...{ ...shared, kind: true, status: true, glossary: true, domain: true, synonyms: true },
  relatedTerms: true,
};
const domain: Record<keyof DomainDocument, true> = { ...shared, kind: true, status: true, experts: true };
const team: Record<keyof TeamDocument, true> = { ...shared, kind: true, status: true, members: true, contact: true };

const texts = { description: 'd', parent: 'urn:gov:p' };
const whole: Readonly<Record<ConceptKind, ConceptPatch>> = {
  term: { ...texts, glossary: 'g', domain: 'd' },
  domain: texts,
  team: { ...texts, contact: 'c' },
};

it.each(Object.entries({ term, domain, team }))('a %s goes out with the members of its type', (kind, members) => {
  const target = kind as ConceptKind;
  const context = { recordedAt: '2026-05-05T10:00:00.000Z', parentsOf: () => [] };
  const document = applyChange(undefined, conceptChange(whole[target], { target }), context)?.document;
  if (document === undefined) throw new Error('it is made');
  const sent = JSON.parse(JSON.stringify(wireDocument(document, identityMask))) as object;
  expect(Object.keys(sent).toSorted()).toEqual(Object.keys(members).toSorted());
});
