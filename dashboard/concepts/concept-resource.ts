import type { Resource } from '../edit/resource.ts';
import type { Form } from '../edit/form.ts';
import { type JsonRecord, recordsOf, textOf, textsOf } from '../ui/json.ts';
import type { ConceptKind } from './concept-kind.ts';

/** From a concept as the hub answers, or entity and document of a view together. */
export function conceptForm({ fields }: ConceptKind, concept: JsonRecord): Form {
  const of = (isList: boolean): readonly string[] =>
    fields.filter(({ as }) => (as === 'list') === isList).map(({ field }) => field);
  const members = (field: string): readonly string[] =>
    field === 'owners' ? recordsOf(concept['owners']).map(({ id }) => textOf(id)) : textsOf(concept[field]);
  return {
    texts: Object.fromEntries(of(false).map((field) => [field, textOf(concept[field])])),
    lists: Object.fromEntries(of(true).map((field) => [field, members(field)])),
  };
}

export function conceptPath({ plural }: ConceptKind, urn: string): string {
  return `/v1/${plural}/${encodeURIComponent(urn)}`;
}

export function conceptResource(kind: ConceptKind, urn: string): Resource {
  return {
    path: conceptPath(kind, urn),
    member: kind.name,
    formOf: (document) => conceptForm(kind, document),
    isLayered: false,
  };
}
