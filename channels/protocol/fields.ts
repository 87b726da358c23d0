/** Members of an entity as events and views show it, by which a subscription may ask for less; the urn always goes. */
export type HeadField = 'kind' | 'type' | 'name' | 'fqn' | 'platform' | 'domain' | 'owners' | 'tags' | 'status';

/** Members of documents, of all kinds together. `owners` stands in both: as ids in the entity, with type and role in the document. */
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
  | 'level';

/** What `fields` of a subscription may name. */
export type Field = HeadField | DocumentField;
