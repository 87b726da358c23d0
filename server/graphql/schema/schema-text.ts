import { documentTypes } from './document-types.ts';
import { connection, editFields, readFields } from './root-fields.ts';
import { editedKinds, readKinds } from './kinds.ts';

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
    ${readKinds.map(readFields).join('')}
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
    ${editedKinds.map(editFields).join('')}
    "Approves or rejects suggested tags; each decision has a result of its own."
    decideSuggestions(decisions: [SuggestionDecision!]!, idempotencyKey: String): [DecisionResult!]!
      @complexity(value: 50)
  }

  "At POST /graphql/stream, as server-sent events."
  type Subscription {
    "What happens in a channel, as GET /v1/stream: docs/protocol.md#channels."
    changes(channel: String!, filter: JSON, shape: Shape = DOCUMENT, fields: [String!], since: String): Event!
      @complexity(value: 10)
  }

  enum Shape {
    DOCUMENT
    ENTITY
    CHANGES
  }

  enum Sort {
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

  enum Direction {
    UPSTREAM
    DOWNSTREAM
    BOTH
  }

  type Lineage {
    nodes: [LineageNode!]!
    edges: [LineageEdge!]!
    "depth, nodes or time: why this is not all; null: it is."
    cut: String
  }

  type LineageNode {
    entity: Entity!
    "Edges from the asset: below 0 upstream, above 0 downstream."
    distance: Int!
  }

  type LineageEdge {
    urn: ID!
    type: String!
    from: ID!
    to: ID!
  }

  type Impact {
    total: Int!
    types: [ImpactGroup!]!
    domains: [ImpactGroup!]!
    owners: [ImpactGroup!]!
    cut: String
  }

  type ImpactGroup {
    value: String
    count: Int!
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
    "Head of what it is about, with the members that the shape has."
    entity: JSON
    "The rest of it, with the shape DOCUMENT; of an update none if the change says enough."
    document: JSON
    "By JSON pointer: {old, new}."
    changes: JSON
    "Of a leave: deleted or left."
    reason: String
  }

  type PageInfo {
    hasNextPage: Boolean!
    "\`after\` (of a history \`before\`) of the next page."
    endCursor: String
  }

  ${readKinds.map(connection).join('\n')}

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
    "All of it."
    document: Document @complexity(value: 10)
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
    document: Document!
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
    "As it is now."
    current: Document
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
${documentTypes}`;
