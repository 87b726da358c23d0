/** Name and kind of an entity. */
export interface WireName {
  /** Family of the entity: `asset`, `alert`... */
  readonly kind: string;
  /** Its type within its family, e.g. `table`. */
  readonly type: string;
  /** Short name for people. */
  readonly name: string;
}

/** A head as sent to clients. In events the urn is their `subject`. */
export interface WireHead extends WireName {
  /** Fully qualified name in its source system; null if it has none. */
  readonly fqn: string | null;
  /** Source platform, e.g. `snowflake`; null if unknown. */
  readonly platform: string | null;
  /** Id of the business domain; null if none. */
  readonly domain: string | null;
  /** Owners of an asset, assignees of an alert. */
  readonly owners: readonly string[];
  /** Classifications of the entity and of its columns, `scheme/name`, sorted. */
  readonly tags: readonly string[];
  /** State of the entity, e.g. `active` or `deprecated`. */
  readonly status: string;
}

/** A head where there is no `subject`. */
export interface WireEntity extends WireHead {
  /** Identity of the entity, the same for its whole life. */
  readonly urn: string;
}
