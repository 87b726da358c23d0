import { documentKey } from '../../channels/catalog/document.ts';
import { wireItem } from '../../channels/event/wire-event.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import type { Subscriber } from './catch-up.ts';
import { Packet } from '../transport/transport.ts';
import { untilDrained } from './drained.ts';

export const maxViewDocuments = 5000;
const pageDocuments = 200;
const messageBytes = 64 * 1024;

interface Page {
  readonly texts: readonly string[];
  readonly last: boolean;
}

/** Cuts texts into messages of about 64 KiB; the last is marked, also where there is nothing. */
function* messagesOf(texts: readonly string[], isEnd: boolean): Generator<Page> {
  let start = 0;
  let size = 0;
  for (let index = 0; index < texts.length; index++) {
    const length = texts[index]?.length ?? 0;
    if (index > start && size + length > messageBytes) {
      yield { texts: texts.slice(start, index), last: false };
      [start, size] = [index, 0];
    }
    size += length;
  }
  if (isEnd || start < texts.length) yield { texts: texts.slice(start), last: isEnd };
}

/**
 * Sends every document that the room's selection matches and its class may read, by urn. Resolves with their versions:
 * events up to these say nothing new. @throws view-too-large, storage-unavailable
 */
export async function sendSnapshot(
  subscriber: Pick<Subscriber, 'id' | 'room' | 'connection' | 'isCurrent' | 'pending'>,
  store: CatalogStore,
): Promise<ReadonlyMap<string, number>> {
  const { id, room, connection } = subscriber;
  const { tenant, readable } = room.policyClass;
  const filter: Filter = { op: 'and', args: [room.selection.filter, readable] };
  const versions = new Map<string, number>();
  let afterUrn = '';
  let page = 0;
  for (let isEnd = false; !isEnd && subscriber.isCurrent();) {
    const documents = await store.find({ tenant, filter, afterUrn, limit: pageDocuments });
    isEnd = documents.length < pageDocuments;
    afterUrn = documents.at(-1)?.urn ?? afterUrn;
    for (const { urn, version } of documents) versions.set(documentKey(tenant, urn), version);
    if (versions.size > maxViewDocuments)
      throw new HubError(
        'view-too-large',
        `more than ${maxViewDocuments} documents match; narrow the filter, page through GET /v1/documents, or follow events`,
      );
    const texts = documents.map((document) => JSON.stringify(wireItem(document)));
    for (const { texts: items, last } of messagesOf(texts, isEnd)) {
      await untilDrained(subscriber);
      if (!subscriber.isCurrent()) return versions;
      const head = `2["snapshot",{"id":"${id}","page":${page++}`;
      connection.sendPacket(new Packet(`${head},"items":[${items.join(',')}],"last":${last}}]`));
    }
  }
  return versions;
}
