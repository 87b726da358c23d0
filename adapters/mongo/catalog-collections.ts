import type { Collection, Db, IndexDescription } from 'mongodb';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { JobPart } from '../../channels/ports/job-store.ts';
import type { PartialMessage, SourcePosition } from '../../channels/ports/intake-store.ts';
import type { StoredOutboxPack } from './mongo-outbox.ts';
import type { StoredDocument } from './stored-document.ts';

export interface StoredPosition extends SourcePosition {
  readonly _id: string;
}

export interface StoredMessage {
  /** `connector|id` */
  readonly _id: string;
  readonly expiresAt: Date;
}

export interface StoredDeadLetter extends Omit<DeadLetter, 'headers'> {
  /** `tenant|id` */
  readonly _id: string;
  /** JSON text: header names are chosen by the sender. */
  readonly headers: string;
}

export interface StoredPartial extends Omit<PartialMessage, 'parts'> {
  readonly _id: string;
  readonly parts: string;
}

export interface StoredRevocation {
  /** `tenant|id` */
  readonly _id: string;
  readonly tenant: string;
  /** As in the revocation: text order is time order. */
  readonly at: string;
  readonly expiresAt: Date;
  /** JSON text of the revocation. */
  readonly text: string;
}

export interface StoredMeta {
  readonly _id: string;
  readonly value: string;
}

export interface StoredJob {
  /** `tenant|id` */
  readonly _id: string;
  readonly tenant: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
  readonly isOpen: boolean;
  /** JSON text of the job. */
  readonly text: string;
}

export interface StoredJobPart extends JobPart {
  readonly _id: string;
  /** `_id` of the job. */
  readonly job: string;
}

export interface CatalogCollections {
  readonly db: Db;
  readonly documents: Collection<StoredDocument>;
  readonly outbox: Collection<StoredOutboxPack>;
  readonly positions: Collection<StoredPosition>;
  readonly messages: Collection<StoredMessage>;
  readonly deadLetters: Collection<StoredDeadLetter>;
  readonly partials: Collection<StoredPartial>;
  readonly revocations: Collection<StoredRevocation>;
  readonly meta: Collection<StoredMeta>;
  readonly jobs: Collection<StoredJob>;
  readonly jobParts: Collection<StoredJobPart>;
}

/** Head fields that filters start from; `_id` at the end gives urn order without a sort. */
const headIndexes = ['tags', 'domain', 'owners', 'type', 'refs'].map((field): IndexDescription => ({
  key: { tenant: 1, [`head.${field}`]: 1, _id: 1 },
}));

const indexes: Readonly<Record<Exclude<keyof CatalogCollections, 'db'>, readonly IndexDescription[]>> = {
  documents: [...headIndexes, { key: { tenant: 1, kind: 1, 'head.status': 1 } }],
  outbox: [{ key: { at: 1 } }],
  positions: [{ key: { connector: 1 } }],
  messages: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  // with the size at the end, what each connector has is counted without a look at the letters
  deadLetters: [{ key: { tenant: 1, at: -1, id: -1 } }, { key: { tenant: 1, connector: 1, at: -1, id: -1, size: 1 } }],
  partials: [{ key: { firstAt: 1 } }],
  revocations: [{ key: { at: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  meta: [],
  jobs: [{ key: { tenant: 1, createdAt: -1 } }, { key: { isOpen: 1, createdAt: 1 } }, { key: { updatedAt: 1 } }],
  jobParts: [{ key: { job: 1, series: 1, number: 1 } }],
};

export function catalogCollections(db: Db): CatalogCollections {
  return {
    db,
    documents: db.collection('documents'),
    outbox: db.collection('outbox'),
    positions: db.collection('positions'),
    messages: db.collection('messages'),
    deadLetters: db.collection('deadLetters'),
    partials: db.collection('partials'),
    revocations: db.collection('revocations'),
    meta: db.collection('meta'),
    jobs: db.collection('jobs'),
    jobParts: db.collection('jobParts'),
  };
}

/** Creates what is missing; harmless when several processes do it at once. */
export async function ensureIndexes(collections: CatalogCollections): Promise<void> {
  for (const [name, descriptions] of Object.entries(indexes)) {
    if (descriptions.length > 0) await collections[name as keyof typeof indexes].createIndexes([...descriptions]);
  }
}

/** Condition for documents that are there. */
export const notDeleted = { 'head.status': { $nin: ['deleted', 'purged'] } };
