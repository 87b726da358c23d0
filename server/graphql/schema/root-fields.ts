import { type editedKinds, type readKinds, typeName } from './kinds.ts';

/** Its fields of the type Query. */
export function readFields(kind: (typeof readKinds)[number]): string {
  return `
    "Null if there is no such ${kind}, or it is not visible to you."
    ${kind}(urn: ID!): ${typeName(kind)} @complexity(value: 10)
    "Those that you may read. \`filter\` as in docs/protocol.md#filters."
    ${kind}s(filter: JSON, sort: Sort = URN, descending: Boolean = false, first: Int = 100, after: String): ${typeName(kind)}Connection!
      @complexity(value: 1, multipliers: ["first"])`;
}

/** Its fields of the type Mutation. */
export function editFields(kind: (typeof editedKinds)[number]): string {
  const name = typeName(kind);
  return `
    create${name}(document: JSON!, idempotencyKey: String): EditResult! @complexity(value: 50)
    "A merge patch of the keyed form."
    patch${name}(urn: ID!, patch: JSON!, ifMatch: String, idempotencyKey: String): EditResult! @complexity(value: 50)
    "\`ifMatch\`: etag of what is replaced, or \`*\`."
    replace${name}(urn: ID!, document: JSON!, ifMatch: String!, idempotencyKey: String): EditResult! @complexity(value: 50)
    delete${name}(urn: ID!, ifMatch: String!): DeleteResult! @complexity(value: 50)`;
}

/** Its pages. */
export function connection(kind: (typeof readKinds)[number]): string {
  const name = typeName(kind);
  return `
  type ${name}Connection {
    nodes: [${name}!]!
    pageInfo: PageInfo!
  }`;
}
