import { documentKey } from '../../../channels/catalog/document.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { FindQuery, FoundPage } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Filter } from '../../../channels/subscription/filter.ts';
import { itemText } from '../../../channels/wire/item-text.ts';
import { maskOf } from '../../../channels/wire/mask.ts';
import type { Outlet } from '../outlet/outlet.ts';
import type { Subscriber } from './subscriber.ts';
import { SnapshotPacket } from '../../transport/packet.ts';
import { untilDrained } from './drained.ts';
import type { Sight } from '../past/sight.ts';
import { inTurns } from '../../turns/in-turns.ts';
import { textSlices } from '../past/text-slices.ts';

const maxViewDocuments = 5000;
const pageDocuments = 50;
/** Read at once: a millisecond or two. Held as long as the client takes to read it. */
const pageBytes = 64 * 1024;
const messageBytes = 64 * 1024;

interface Item {
  readonly entity: string;
  readonly version: number;
  readonly text: string;
}

interface Message {
  readonly items: readonly Item[];
  readonly last: boolean;
}

export interface SnapshotSource {
  readonly store: DocumentStore;
  /** Runs a read when there is room for it. Between two of them, while the client reads, no place is held. */
  readonly inTurn: <Result>(read: () => Promise<Result>) => Promise<Result>;
  readonly sight: Sight;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'fetched'>;
  /** Most items of a view whose items are entities alone. */
  readonly maxViewEntities: number;
  /** Where the gateway is, at a boundary. */
  readonly position: () => Promise<Cursor>;
}

/** What was sent. */
export interface Snapshot {
  /** Position from which events are newer than the snapshot. */
  readonly position: Cursor;
  /** Version of each entity in the snapshot: events up to it are omitted. */
  readonly versions: ReadonlyMap<string, number>;
}

/** Items in messages of about 64 KiB; the last is marked, also where there is nothing. */
function messagesOf(items: readonly Item[], isEnd: boolean): readonly Message[] {
  const slices = [...textSlices(items, { maxCharacters: messageBytes })];
  if (isEnd && slices.length === 0) return [{ items, last: true }];
  return slices.map((slice, index) => ({ items: slice, last: isEnd && index === slices.length - 1 }));
}

const tooLarge = (most: number): HubError =>
  new HubError(
    'view-too-large',
    `more than ${most} entities match; narrow the filter, page through GET /v1/documents, or follow events`,
  );

/**
 * Sends every document that the room's selection matches and its class may read, by urn. Resolves with undefined when the
 * node can no longer judge what it has read. @throws view-too-large, storage-unavailable
 */
export async function sendSnapshot(
  subscriber: Subscriber,
  { store, inTurn, sight, turns, outlet, maxViewEntities, position: whereNow }: SnapshotSource,
): Promise<Snapshot | undefined> {
  const { id, room, connection } = subscriber;
  const { tenant, readable, mayRead } = room.policyClass;
  const mask = maskOf(room.policyClass);
  const { form } = room.selection;
  const most = form.enter.document ? maxViewDocuments : maxViewEntities;
  const filter: Filter = { op: 'and', args: [room.selection.filter, readable] };
  const versions = new Map<string, number>();
  // from where it begins, not from where it began to wait: what happens meanwhile is in the documents
  const position = await inTurn(whereNow);
  let page = 0;
  for (let afterUrn: string | undefined = ''; afterUrn !== undefined && subscriber.isCurrent();) {
    const query: FindQuery = { tenant, filter, afterUrn, limit: pageDocuments, maxBytes: pageBytes };
    const { documents, next }: FoundPage = await inTurn(async () => {
      await turns.next(tenant);
      return store.find(query);
    });
    // the store may compare in another way than live events do
    const shown = documents.filter(({ head }) => room.selection.matches(head) && mayRead(head));
    const items: Item[] = [];
    await inTurns({ turns, tenant }, shown, (document) => {
      const entity = documentKey(tenant, document.urn);
      versions.set(entity, document.version);
      items.push({ entity, version: document.version, text: itemText(document, { form, mask }) });
    });
    if (versions.size > most) throw tooLarge(most);
    for (const message of messagesOf(items, next === undefined)) {
      await untilDrained(subscriber);
      if (!subscriber.isCurrent()) return { position, versions };
      if (!sight.reachesBackTo(position)) return undefined;
      const visible = message.items.filter(({ entity, version }) => !sight.hidesSince(room, entity, version));
      const texts = visible.map(({ text }) => text);
      connection.sendPacket(new SnapshotPacket(id, page++, texts, message.last));
      outlet.fetched(subscriber, visible);
    }
    afterUrn = next;
  }
  return { position, versions };
}
