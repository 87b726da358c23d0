/**
 * What people send to make or change an entity of theirs that is no asset: an asset has a layer of people over what its
 * sources say, all others are said by one of the two.
 */
import { sha256Text } from '../event/hash.ts';
import { type ConceptKind, conceptKinds } from '../event/head.ts';
import type { JsonObject } from '../event/json.ts';
import type { WriteField } from '../policy/policy.ts';
import { HubError } from '../protocol/hub-error.ts';
import { applyList } from './apply-list.ts';
import { type ConceptPatch, type DefinitionPatch, hubNamespace, type RelationshipPatch } from './change.ts';
import { conceptFields, isConcept } from './concept.ts';
import { conceptUrn } from './concept-name.ts';
import {
  type CatalogDocument,
  type ConceptDocument,
  type DefinitionDocument,
  definitionUrn,
  type RelationshipDocument,
} from './document.ts';
import { KeyedBody } from './keyed-body.ts';
import type { PatchedPlace } from './keyed-reader.ts';
import { documentLimits as limits } from './limits.ts';
import { invalidPatch } from './patch-text.ts';

/** Kinds of entities that people make and change as a whole. */
export const editableKinds = ['relationship', 'definition', ...conceptKinds] as const;
export type EditableKind = (typeof editableKinds)[number];
export type EditableDocument = Extract<CatalogDocument, { readonly kind: EditableKind }>;

/** What they say, as the hub says it, being its source. */
type EntityWord =
  | { readonly target: 'relationship'; readonly patch: RelationshipPatch }
  | { readonly target: 'definition'; readonly patch: DefinitionPatch }
  | { readonly target: ConceptKind; readonly patch: ConceptPatch };

export interface EntityEdit {
  readonly said: EntityWord;
  readonly places: readonly PatchedPlace[];
  /** Where it is if this makes it; undefined: anywhere. */
  readonly urn: string | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Held<D> = D | undefined;

function put<T extends object, Field extends keyof T>(patch: T, field: Field, value: T[Field] | undefined): void {
  if (value !== undefined) patch[field] = value;
}

function relationship(body: KeyedBody, held: Held<RelationshipDocument>): Omit<EntityEdit, 'places'> {
  const patch: Writable<RelationshipPatch> = {
    type: body.fixed('type', limits.idLength, held?.type),
    from: body.fixed('from', limits.urnLength, held?.from),
    to: body.fixed('to', limits.urnLength, held?.to),
    lineage: body.boolean('lineage') ?? held?.lineage ?? false,
  };
  put(patch, 'properties', body.properties(held?.properties ?? []));
  const edge = sha256Text([patch.type, patch.from, patch.to].join('\n'));
  return { said: { target: 'relationship', patch }, urn: `${hubNamespace}:relationship:${edge}` };
}

function definition(body: KeyedBody, held: Held<DefinitionDocument>): Omit<EntityEdit, 'places'> {
  const patch: Writable<DefinitionPatch> = {
    scheme: body.fixed('scheme', limits.idLength, held?.scheme),
    name: body.fixed('name', limits.idLength, held?.name),
  };
  const parents = body.keys('parents');
  if (parents !== undefined) patch.parents = applyList(held?.parents ?? [], parents, (parent) => parent);
  put(patch, 'level', body.level('level'));
  put(patch, 'description', body.text('description', 'description', limits.textLength));
  return { said: { target: 'definition', patch }, urn: definitionUrn(patch.scheme, patch.name) };
}

/** Fields that have a grant of their own; all others are what the entity is. */
const granted: Readonly<Partial<Record<keyof ConceptPatch, WriteField>>> = {
  description: 'description',
  domain: 'domain',
};
const maxLengths = {
  description: limits.textLength,
  parent: limits.urnLength,
  glossary: limits.nameLength,
  domain: limits.idLength,
  contact: limits.nameLength,
} as const;

/** @throws HubError invalid-request for one of another kind */
function parentUrn(kind: ConceptKind, named: string): string {
  const other = conceptKinds.find((each) => each !== kind && named.startsWith(conceptUrn(each, '')));
  if (other !== undefined) throw invalidPatch('/parent', `must be a ${kind}, as what it is above; this is a ${other}`);
  return conceptUrn(kind, named);
}

function concept(target: ConceptKind, body: KeyedBody, held: Held<ConceptDocument>): Omit<EntityEdit, 'places'> {
  const { texts, lists, states } = conceptFields[target];
  const patch: Writable<ConceptPatch> = {};
  const id = held === undefined ? body.text('id', 'existence', limits.idLength) : undefined;
  if (id?.startsWith('urn:') === true) throw invalidPatch('/id', 'must not be a urn; the urn is made of it');
  put(patch, 'name', body.required('name', limits.nameLength));
  const type = body.text('type', 'existence', limits.idLength);
  put(patch, 'type', type === null ? target : type);
  put(patch, 'status', body.oneOf('status', 'status', states));
  put(patch, 'owners', body.owners(held?.owners ?? []));
  for (const field of texts) {
    const text = body.text(field, granted[field] ?? 'existence', maxLengths[field]);
    put(patch, field, field === 'parent' && typeof text === 'string' ? parentUrn(target, text) : text);
  }
  for (const field of lists) {
    const meant = field === 'relatedTerms' ? (key: string) => conceptUrn('term', key) : undefined;
    put(patch, field, body.keys(field, meant));
  }
  return { said: { target, patch }, urn: typeof id === 'string' ? conceptUrn(target, id) : undefined };
}

/** Before anybody looks for it: no store has keys of any length. @throws HubError limit-exceeded */
function assertUrn(urn: string | undefined): void {
  if (urn !== undefined && urn.length > limits.urnLength)
    throw new HubError(
      'limit-exceeded',
      `urn: would have ${urn.length} characters, at most ${limits.urnLength}; choose shorter names`,
    );
}

/**
 * `held` as it is now; undefined: it is to be made. `replaces`: the body is the whole.
 * @throws HubError invalid-request, forbidden, limit-exceeded; they name the path
 */
export function parseEntityEdit(
  kind: EditableKind,
  raw: JsonObject,
  held: Held<EditableDocument>,
  replaces: boolean,
): EntityEdit {
  if (raw['id'] === '') throw invalidPatch('/id', 'must not be empty; leave it out, and the hub makes one');
  const body = new KeyedBody(raw, replaces);
  const read = (): Omit<EntityEdit, 'places'> => {
    if (kind === 'relationship') return relationship(body, held?.kind === kind ? held : undefined);
    if (kind === 'definition') return definition(body, held?.kind === kind ? held : undefined);
    return concept(kind, body, held !== undefined && isConcept(held) ? held : undefined);
  };
  const edit = read();
  body.end();
  if (held === undefined) assertUrn(edit.urn);
  return { ...edit, places: body.places };
}
