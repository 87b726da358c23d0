import { forms } from '../../channels/forms/forms.ts';
import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  ConceptDocument,
  RelationshipDocument,
} from '../../channels/catalog/document.ts';
import { headOf, type WithoutHead } from '../../channels/catalog/head-of.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { CommitBatch } from '../../channels/ports/document-store.ts';
import type { PartialMessage } from '../../channels/ports/intake-store.ts';
import { partitionOf } from '../../channels/ports/event-log.ts';

const time = '2026-03-01T09:00:00.000Z';

const plainAsset: Omit<AssetDocument, 'head' | 'tenant' | 'urn'> = {
  kind: 'asset',
  version: 1,
  connector: 'warehouse',
  name: 'orders',
  type: 'table',
  sources: [{ connector: 'warehouse', nativeId: 'n-1', time, sent: time, place: 'changes/0', heardAt: time }],
  createdAt: time,
  updatedAt: time,
  owners: [],
  aliases: [],
  classifications: [],
  columns: [],
  terms: [],
  properties: [],
  quality: [],
  status: 'active',
};

function withHead<D extends CatalogDocument>(document: Omit<D, 'head'>): D {
  return { ...document, head: headOf(document as unknown as WithoutHead) } as unknown as D;
}

export function sampleAsset(
  tenant: string,
  urn: string,
  fields: Partial<Omit<AssetDocument, 'head'>> = {},
): AssetDocument {
  return withHead<AssetDocument>({ ...plainAsset, ...fields, tenant, urn });
}

export function sampleAlert(
  tenant: string,
  urn: string,
  fields: Partial<Omit<AlertDocument, 'head'>> = {},
): AlertDocument {
  const {
    kind: _kind,
    type: _type,
    owners,
    aliases,
    classifications,
    columns,
    terms,
    properties,
    quality,
    status,
    ...base
  } = plainAsset;
  return withHead<AlertDocument>({
    ...base,
    kind: 'alert',
    type: 'quality',
    subject: 'urn:gov:orders',
    severity: 17,
    message: 'too few rows',
    assignees: [],
    status: 'open',
    ...fields,
    tenant,
    urn,
  });
}

/** A term, unless it says another kind. */
export function sampleConcept(
  tenant: string,
  urn: string,
  fields: Partial<Omit<ConceptDocument, 'head'>> = {},
): ConceptDocument {
  const { version, connector, name, sources, createdAt, updatedAt } = plainAsset;
  const base = { version, connector, name, sources, createdAt, updatedAt };
  const own = { kind: 'term', type: 'term', owners: [{ id: 'ada', type: 'user' }], status: 'draft' } as const;
  return withHead<ConceptDocument>({ ...base, ...own, synonyms: ['saldo'], relatedTerms: [], ...fields, tenant, urn });
}

/** An edge of lineage. */
export function sampleEdge(tenant: string, urn: string, from: string, to: string): RelationshipDocument {
  const { version, connector, name, sources, createdAt, updatedAt } = plainAsset;
  const base = { version, connector, name, sources, createdAt, updatedAt, tenant, urn };
  const own = { kind: 'relationship', type: 'lineage', from, to, lineage: true, properties: [] } as const;
  return withHead<RelationshipDocument>({ ...base, ...own, status: 'active' });
}

/** The event that brought a document to its version. */
export function sampleEvent(document: CatalogDocument, fields: Partial<HubEvent> = {}): HubEvent {
  return {
    v: forms.event.writes,
    specversion: '1.0',
    id: `${document.tenant}/${document.urn}/${document.version}`,
    source: '/warehouse/test',
    type: document.version === 1 ? 'gov.asset.created.v1' : 'gov.asset.updated.v1',
    subject: document.urn,
    time,
    datacontenttype: 'application/json',
    partitionkey: document.urn,
    recordedtime: time,
    tenant: document.tenant,
    authtype: 'system',
    data: {
      version: document.version,
      change: {
        facets: ['existence'],
        kind: document.version === 1 ? 'created' : 'changed',
        completeness: 'state',
        replay: false,
        late: false,
        ops: [],
      },
      heads: { before: null, after: document.head },
      origin: { system: 'warehouse', transport: 'import' },
    },
    ...fields,
  };
}

export function sampleBatch(parts: Partial<CommitBatch> = {}): CommitBatch {
  return {
    documents: [],
    outbox: [],
    positions: [],
    messageIds: [],
    deadLetters: [],
    partials: [],
    completedPartials: [],
    ...parts,
  };
}

export function sampleDeadLetter(tenant: string, id: string, fields: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    tenant,
    connector: 'warehouse',
    code: 'invalid-json',
    reason: 'unexpected end of text',
    at: time,
    origin: { transport: 'kafka', topic: 'changes', partition: 0, offset: 7 },
    headers: { 'content-type': 'application/json', 'x.dotted-$header': 'kept' },
    bytes: 'e30=',
    attempts: 1,
    size: 50,
    ...fields,
  };
}

export function samplePartial(id: string, fields: Partial<PartialMessage> = {}): PartialMessage {
  return {
    id,
    connector: 'warehouse',
    tenant: 'acme',
    version: 1,
    count: 3,
    parts: { 0: 'first' },
    bytes: 7,
    firstAt: time,
    ...fields,
  };
}

/** The `serial`-th urn that the default partitioner puts into a partition. */
export function urnIn(partition: number, partitionCount: number, tenant: string, serial = 0): string {
  let left = serial;
  for (let i = 0; ; i++) {
    const urn = `urn:gov:sample:${i}`;
    if (partitionOf(tenant, urn, partitionCount) === partition && left-- === 0) return urn;
  }
}
