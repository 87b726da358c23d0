/** Members of an entity in events and views, for `fields` of a subscription; the urn is always sent. */
export type HeadField = 'kind' | 'type' | 'name' | 'fqn' | 'platform' | 'domain' | 'owners' | 'tags' | 'status';

/** Members of documents, of all kinds together. `owners` is in both: as ids in the entity, with type and role in the document. */
export type DocumentField =
  | 'createdAt'
  | 'updatedAt'
  | 'parent'
  | 'description'
  | 'owners'
  | 'aliases'
  | 'terms'
  | 'properties'
  | 'quality'
  | 'native'
  | 'classifications'
  | 'columns'
  | 'from'
  | 'to'
  | 'lineage'
  | 'subject'
  | 'severity'
  | 'message'
  | 'assignees'
  | 'reason'
  | 'scheme'
  | 'parents'
  | 'level'
  | 'curated'
  | 'glossary'
  | 'synonyms'
  | 'relatedTerms'
  | 'experts'
  | 'members'
  | 'contact';

/** Valid names in `fields` of a subscription. */
export type Field = HeadField | DocumentField;

/** Those of a feed of a shape; `default` is a feed without a shape, whose updates never carry `updatedAt`. */
export interface ShapedFields {
  readonly default: Exclude<Field, 'updatedAt'>;
  readonly document: Field;
  readonly entity: HeadField;
  readonly changes: Exclude<Field, 'kind' | 'tags' | 'createdAt' | 'updatedAt'>;
}
