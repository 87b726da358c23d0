/**
 * Bounds of a document. Together they keep an event below the 1 MiB that brokers take by default: the whole document
 * may ride on its event, next to the old and new value of each change.
 */
export const documentLimits = {
  /** JSON text of a whole document. */
  maxDocumentBytes: 384 * 1024,
  /** JSON text of an event; above it the event goes without the document and readers load it. */
  maxEventBytes: 900 * 1024,
  /** A document up to this size always rides on its event. */
  maxSmallDocumentBytes: 8 * 1024,
  urnLength: 1024,
  nameLength: 1024,
  textLength: 64 * 1024,
  idLength: 256,
  owners: 100,
  aliases: 50,
  terms: 200,
  classifications: 200,
  classificationsPerColumn: 50,
  columns: 3000,
  properties: 500,
  quality: 200,
  /** Members of each list of which people say something, over those of the sources: neither uses up what the other may have. */
  curatedMembers: 100,
  curatedTagsPerColumn: 20,
  parents: 50,
  assignees: 50,
  synonyms: 50,
  relatedTerms: 200,
  members: 1000,
} as const;
