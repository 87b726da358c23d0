import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { DocumentStore, FindQuery, FoundPage } from '../../../channels/ports/document-store.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Filter } from '../../../channels/subscription/filter.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';
import type { AdmissionQueue } from '../../delivery/past/admission-queue.ts';
import type { Seals } from '../../delivery/join/seals.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import { parsePosition, positionText } from '../../streams/stream-position.ts';
import type { HttpStream } from '../../transport/http.ts';
import { type DownloadPlace, parsePlace, placeText } from './download-place.ts';
import type { LineFormat } from './line-format.ts';
import { shownLines, type ShownLinesOptions } from './shown-lines.ts';
import { readerOf } from './stream-drain.ts';

export interface AssetDownloadOptions extends ShownLinesOptions {
  readonly store: Pick<DocumentStore, 'find'>;
  readonly log: Pick<EventLog, 'epoch' | 'ends'>;
  readonly slices: AdmissionQueue;
  readonly seals: Seals;
  readonly sealer: Sealer;
  /** @throws HubError token-expired, token-revoked */
  readonly assertGood: (principal: Principal) => Promise<void>;
}

export interface DownloadRequest {
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly selection: Selection;
  readonly format: LineFormat;
  /** The last cursor line of one that broke off. */
  readonly after: string | undefined;
}

/** Read at once: a millisecond or two. */
const [pageDocuments, pageBytes] = [100, 64 * 1024];
const documentsPerCursor = 1000;

/**
 * All assets that somebody may read, one a line, and where the log was when it began: from there events go on without a
 * hole. It is bounded in memory whatever there is, because it reads no faster than its client.
 */
export class AssetDownload {
  readonly #options: AssetDownloadOptions;

  constructor(options: AssetDownloadOptions) {
    this.#options = options;
  }

  /** Where it begins, or goes on. @throws HubError invalid-request for a cursor of another download, storage-unavailable */
  async placeOf({ selection, policyClass, after }: DownloadRequest): Promise<DownloadPlace> {
    const { seals, sealer } = this.#options;
    if (after === undefined) {
      const handle = seals.downloadHandle({ selection, policyClass });
      return { position: positionText({ cursor: await this.#cursor(), handles: [handle] }), urn: '', count: 0 };
    }
    const place = parsePlace(sealer, after);
    const handle = place === undefined ? '' : (parsePosition(place.position).handles[0] ?? '');
    const room = { name: '', selection, policyClass, members: 0, handle: undefined };
    if (place === undefined || seals.compare(handle, room) !== 'same')
      throw new HubError(
        'invalid-request',
        'after: must be the last cursor of a download with the same filter and rights; begin again without it',
      );
    return place;
  }

  /** Never rejects: a client that does not get the last line knows that it does not have everything. */
  async send(stream: HttpStream, request: DownloadRequest, from: DownloadPlace): Promise<void> {
    const reader = readerOf(stream);
    try {
      await this.#sendAll(stream, request, from, reader);
    } catch {
      stream.abort();
    }
  }

  async #sendAll(
    stream: HttpStream,
    request: DownloadRequest,
    from: DownloadPlace,
    reader: ReturnType<typeof readerOf>,
  ): Promise<void> {
    const { store, turns, slices, sealer, assertGood } = this.#options;
    const { tenant, readable } = request.policyClass;
    const filter: Filter = { op: 'and', args: [readable, request.selection.filter] };
    const { note } = request.format;
    let place = from;
    stream.write(request.format.head);
    for (let next: string | undefined = from.urn; next !== undefined;) {
      await reader.drained();
      if (reader.isGone()) return;
      const query: FindQuery = { tenant, filter, afterUrn: next, limit: pageDocuments, maxBytes: pageBytes };
      const page: FoundPage = await slices.run(tenant, async () => {
        await turns.next(tenant);
        return store.find(query);
      });
      const { selection } = request;
      // the store may compare in another way than live events do
      const found = page.documents.filter(({ head }) => selection.matches(head));
      const lines = await shownLines(this.#options, { ...request, kind: 'asset' }, found);
      await assertGood(request.principal);
      const count = place.count + lines.length;
      const isDue = Math.floor(count / documentsPerCursor) > Math.floor(place.count / documentsPerCursor);
      next = page.next;
      place = { ...place, urn: next ?? place.urn, count };
      if (isDue && next !== undefined) lines.push(note({ cursor: placeText(sealer, place) }));
      if (next === undefined) lines.push(note({ end: true, count, cursor: place.position }));
      stream.write(lines.join(''));
    }
    stream.end();
  }

  /** Documents are committed before their events are in the log: what is read from now on has everything before it. */
  async #cursor(): Promise<string> {
    const { log, seals } = this.#options;
    const { epoch } = log;
    const vector = await log.ends();
    if (log.epoch !== epoch) return this.#cursor();
    return seals.cursor({ epoch, vector, marks: [] });
  }
}
