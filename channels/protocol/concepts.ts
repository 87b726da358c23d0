/** Who owns an entity. */
export interface WireOwner {
  /** Subject of a person, or id of a team. */
  readonly id: string;
  /** A team is a `group`. */
  readonly type: 'user' | 'group';
  /** What they are to it, e.g. `steward`. */
  readonly role?: string;
}

/** What terms, domains and teams share, as `GET /v1/terms/<urn>` and its like return them. */
export interface ConceptDocument {
  /** Identity, the same for its whole life. */
  readonly urn: string;
  /** What its users call it; by default its kind. */
  readonly type: string;
  /** Name for people. */
  readonly name: string;
  /** What it means or does. */
  readonly description?: string;
  /** urn of the one above it, of the same kind. */
  readonly parent?: string;
  /** Those who answer for it. */
  readonly owners: readonly WireOwner[];
  /** When the hub first knew it, RFC 3339 UTC. */
  readonly createdAt: string;
  /** When it last changed; absent where part of it is masked. */
  readonly updatedAt?: string;
}

/** A term of a glossary. */
export interface TermDocument extends ConceptDocument {
  /** Says that it is a term. */
  readonly kind: 'term';
  /** `draft` until somebody approves it. */
  readonly status: 'draft' | 'approved' | 'deprecated';
  /** Name of its glossary. */
  readonly glossary?: string;
  /** Domain that it belongs to, as assets name it. */
  readonly domain?: string;
  /** Other words for the same. */
  readonly synonyms: readonly string[];
  /** urns of terms that have to do with it. */
  readonly relatedTerms: readonly string[];
}

/** A business domain. */
export interface DomainDocument extends ConceptDocument {
  /** Says that it is a domain. */
  readonly kind: 'domain';
  /** Whether it is still in use. */
  readonly status: 'active' | 'deprecated';
  /** Subjects of people who know it well. */
  readonly experts: readonly string[];
}

/** A team. */
export interface TeamDocument extends ConceptDocument {
  /** Says that it is a team. */
  readonly kind: 'team';
  /** Whether it is still there. */
  readonly status: 'active' | 'deprecated';
  /** Subjects of the people in it. */
  readonly members: readonly string[];
  /** Where to reach it. */
  readonly contact?: string;
}
