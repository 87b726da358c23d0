/**
 * The GraphQL schema. Members of types are those of the JSON that the routes of docs/rest.md answer, under the same names:
 * what a caller may not see is null or not in the list. `@complexity` says what a field costs, see query-limits.ts.
 */
export const schemaText = /* GraphQL */ `
  directive @complexity(value: Int!, multipliers: [String!]) on FIELD_DEFINITION

  "Any JSON value."
  scalar JSON

  type Query {
    "Who you are to the hub, and what you may do."
    me: Me!
    "Null if it does not exist, or is not visible to you."
    asset(urn: ID!): Asset @complexity(value: 10)
    "Assets that you may read. \`filter\` as in docs/protocol.md#filters."
    assets(
      filter: JSON
      sort: AssetSort = URN
      descending: Boolean = false
      first: Int = 100
      after: String
    ): AssetConnection! @complexity(value: 1, multipliers: ["first"])
    "Search by words, as GET /v1/search."
    search(
      q: String = ""
      channel: String
      filter: JSON
      facets: [String!]
      sort: [String!]
      strategy: SearchStrategy = ALL
      first: Int = 20
    ): SearchResult! @complexity(value: 10, multipliers: ["first"])
  }

  type Mutation {
    "Changes what people say of an asset: a merge patch of the keyed form, see docs/rest.md#changing-an-asset."
    patchAsset(urn: ID!, patch: JSON!, ifMatch: String, idempotencyKey: String): EditResult! @complexity(value: 50)
    "Makes \`asset\` all that people say. \`ifMatch\` is the etag of what is replaced, or \`*\`."
    replaceAsset(urn: ID!, asset: JSON!, ifMatch: String!, idempotencyKey: String): EditResult! @complexity(value: 50)
    "Creates an asset that no source knows."
    createAsset(asset: JSON!, idempotencyKey: String): EditResult! @complexity(value: 50)
    "Deletes an asset of people."
    deleteAsset(urn: ID!, ifMatch: String!): DeleteResult! @complexity(value: 50)
    "Approves or rejects suggested tags; each decision has a result of its own."
    decideSuggestions(decisions: [SuggestionDecision!]!, idempotencyKey: String): [DecisionResult!]!
      @complexity(value: 50)
  }

  enum AssetSort {
    URN
    NAME
    UPDATED_AT
  }

  enum SearchStrategy {
    "Every word must be found."
    ALL
    "Words are given up from the end until something is found."
    LAST
  }

  type Me {
    tenant: String!
    sub: String!
    roles: [String!]!
    capabilities: Capabilities!
  }

  type Capabilities {
    read: Boolean!
    "Fields that you may write somewhere."
    write: [String!]!
    declassify: Boolean!
    administer: Boolean!
    operate: Boolean!
  }

  type Asset {
    urn: ID!
    kind: String
    type: String
    name: String
    fqn: String
    platform: String
    parent: ID
    description: String
    domain: String
    status: String
    owners: [Owner!]
    aliases: [String!]
    terms: [String!]
    properties: [Property!]
    quality: [QualityResult!]
    classifications: [Classification!]
    "What people say, beside what the sources say under it: docs/rest.md#two-layers."
    curated: JSON
    createdAt: String
    updatedAt: String
    "Of all that you see of it, for ifMatch."
    etag: String
    columns(first: Int = 100, after: String): ColumnConnection! @complexity(value: 1, multipliers: ["first"])
    "The newest first."
    history(first: Int = 50, before: String): EventConnection! @complexity(value: 10, multipliers: ["first"])
  }

  type Owner {
    id: ID!
    type: String!
    role: String
  }

  type Property {
    key: String!
    value: JSON
  }

  type QualityResult {
    check: String!
    status: String!
    message: String
    time: String!
  }

  type Classification {
    scheme: String!
    name: String!
    level: Int
    origin: String!
    state: String!
    from: ID
    attributes: JSON
  }

  type Column {
    key: ID!
    name: String!
    type: String
    description: String
    classifications: [Classification!]!
    curated: JSON
  }

  type Event {
    id: ID!
    "enter, update or leave."
    kind: String!
    type: String
    subject: ID!
    recordedtime: String!
    time: String
    actor: String
    entity: JSON
    "By JSON pointer: {old, new}."
    changes: JSON
  }

  type PageInfo {
    hasNextPage: Boolean!
    "\`after\` (of a history \`before\`) of the next page."
    endCursor: String
  }

  type AssetConnection {
    nodes: [Asset!]!
    pageInfo: PageInfo!
  }

  type ColumnConnection {
    nodes: [Column!]!
    totalCount: Int!
    pageInfo: PageInfo!
  }

  type EventConnection {
    nodes: [Event!]!
    pageInfo: PageInfo!
  }

  type SearchResult {
    hits: [SearchHit!]!
    total: SearchTotal!
    "By field: [{value, count}]."
    facets: JSON!
  }

  type SearchTotal {
    value: Int!
    "exact or atLeast."
    relation: String!
  }

  type SearchHit {
    entity: Entity!
    highlights: [Highlight!]
    "The whole asset; null for entities of another kind."
    asset: Asset @complexity(value: 10)
  }

  type Highlight {
    field: String!
    text: String!
    "[start, end] of each in UTF-16 units, the end excluded."
    ranges: [[Int!]!]!
  }

  type Entity {
    urn: ID!
    kind: String!
    type: String!
    name: String!
    fqn: String
    platform: String
    domain: String
    owners: [String!]!
    tags: [String!]!
    status: String!
  }

  type Change {
    op: String!
    path: String!
    old: JSON
    new: JSON
  }

  "What an edit has come to."
  union EditResult = Saved | Conflict | Problem
  union DeleteResult = Deleted | Conflict | Problem

  type Saved {
    asset: Asset!
    changes: [Change!]!
    "Id of the event that everybody gets who may see the change; null: nothing was altered."
    event: ID
    "The request was repeated, and had been done before."
    isRepeated: Boolean!
  }

  type Deleted {
    urn: ID!
  }

  "It is not as you have seen it, and nothing was changed."
  type Conflict {
    detail: String!
    "The asset as it is now."
    current: Asset
  }

  "An error of the hub, as docs/errors.md lists them. Nothing was changed."
  type Problem {
    code: String!
    title: String!
    detail: String!
    status: Int!
    retryable: Boolean!
    retryAfterMs: Int
  }

  input SuggestionDecision {
    urn: ID!
    "Key or name; none: the asset itself."
    column: String
    "scheme/name"
    tag: String!
    decision: Verdict!
    reason: String
    ifMatch: String
  }

  enum Verdict {
    APPROVE
    REJECT
  }

  type DecisionResult {
    urn: ID!
    column: String
    tag: String!
    "done, repeated or refused."
    result: String!
    event: ID
    error: JSON
  }
`;
