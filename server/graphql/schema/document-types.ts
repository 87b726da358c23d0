const documentFields = `urn: ID!
    kind: String!
    type: String
    name: String!
    status: String!
    createdAt: String
    updatedAt: String
    "Of all that you see of it, for ifMatch."
    etag: String`;

const conceptFields = `description: String
    parent: ID
    owners: [Owner!]`;

/** Documents of all kinds, and what is in them. */
export const documentTypes = /* GraphQL */ `
  "A document of any kind, as you see it."
  interface Document {
    ${documentFields}
  }

  type Asset implements Document {
    ${documentFields}
    fqn: String
    platform: String
    parent: ID
    description: String
    domain: String
    owners: [Owner!]
    aliases: [String!]
    terms: [String!]
    properties: [Property!]
    quality: [QualityResult!]
    classifications: [Classification!]
    "What people say, beside what the sources say under it: docs/rest.md#two-layers."
    curated: JSON
    columns(first: Int = 100, after: String): ColumnConnection! @complexity(value: 1, multipliers: ["first"])
    "The newest first."
    history(first: Int = 50, before: String): EventConnection! @complexity(value: 10, multipliers: ["first"])
    "What leads to it, and what depends on it, the nearest first."
    lineage(direction: Direction = BOTH, depth: Int = 3): Lineage! @complexity(value: 100)
    "What depends on it, in numbers."
    impact(depth: Int = 20): Impact! @complexity(value: 100)
  }

  type Relationship implements Document {
    ${documentFields}
    from: ID
    to: ID
    "Data flows along it."
    lineage: Boolean
    properties: [Property!]
  }

  type Definition implements Document {
    ${documentFields}
    scheme: String
    parents: [String!]
    level: Int
    description: String
  }

  type Term implements Document {
    ${documentFields}
    ${conceptFields}
    glossary: String
    domain: String
    synonyms: [String!]
    relatedTerms: [ID!]
  }

  type Domain implements Document {
    ${documentFields}
    ${conceptFields}
    experts: [String!]
  }

  type Team implements Document {
    ${documentFields}
    ${conceptFields}
    members: [String!]
    contact: String
  }

  type Alert implements Document {
    ${documentFields}
    subject: ID
    "1 (trace) to 24 (fatal)."
    severity: Int
    message: String
    assignees: [String!]
    reason: String
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
`;
