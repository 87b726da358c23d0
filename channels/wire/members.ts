/*
 * Names of the top-level members of the output, as subscriptions may request them. The encoders in wire-document.ts define
 * their content; members.test.ts keeps the two in line.
 */
import type { DocumentField, Field, HeadField } from '../protocol/fields.ts';

// as objects, so that the compiler requires every name
const head: Readonly<Record<HeadField, true>> = {
  ...{ kind: true, type: true, name: true, fqn: true, platform: true, domain: true, owners: true, tags: true },
  status: true,
};
const document: Readonly<Record<DocumentField, true>> = {
  ...{ createdAt: true, updatedAt: true, parent: true, description: true, owners: true, aliases: true, terms: true },
  ...{ properties: true, quality: true, native: true, classifications: true, columns: true, from: true, to: true },
  ...{ lineage: true, subject: true, severity: true, message: true, assignees: true, reason: true, scheme: true },
  ...{ parents: true, level: true, curated: true, glossary: true, synonyms: true, relatedTerms: true, experts: true },
  ...{ members: true, contact: true },
};
/** Set once, set with every change, or derived from other members. */
const unchanged: ReadonlySet<string> = new Set<Field>(['kind', 'createdAt', 'updatedAt', 'tags']);

/** Of an entity; its urn is always sent. */
export const headMembers: ReadonlySet<string> = new Set(Object.keys(head));

/** Of documents of all kinds, beyond those of the entity. */
export const documentMembers: ReadonlySet<string> = new Set(Object.keys(document));

/** First segments of the path of a change. */
export const changedMembers: ReadonlySet<string> = new Set(
  [...headMembers, ...documentMembers].filter((name) => !unchanged.has(name)),
);
