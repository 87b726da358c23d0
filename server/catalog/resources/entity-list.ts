import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Filter } from '../../../channels/subscription/filter.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';
import type { AdmissionQueue } from '../../delivery/past/admission-queue.ts';
import { inTurns } from '../../turns/in-turns.ts';
import { isAfter, type ListOrder, type ListPlace, placeOf } from './list-order.ts';

export interface EntityListOptions {
  readonly store: Pick<DocumentStore, 'find'>;
  readonly turns: Turns;
  readonly slices: AdmissionQueue;
}

export interface ListQuery {
  readonly selection: Selection;
  readonly order: ListOrder;
  readonly after: ListPlace | undefined;
  readonly limit: number;
}

/** Read at once: a millisecond or two. */
const sliceBytes = 64 * 1024;
const sliceDocuments = 200;
/** Read for one page in another order than that of the store. */
const maxRead = 20_000;

/** The first of an order behind a place, however many pass. Only where they stand is kept: a document may be large. */
class FirstPlaces {
  readonly #query: ListQuery;
  /** Ascending in the order. */
  #found: ListPlace[] = [];

  constructor(query: ListQuery) {
    this.#query = query;
  }

  /** One more than asked for: there is a next page. */
  get isFull(): boolean {
    return this.#found.length > this.#query.limit;
  }

  add(place: ListPlace): void {
    const { order, after, limit } = this.#query;
    if (after !== undefined && !isAfter(order, place, after)) return;
    const last = this.#found.at(-1);
    if (this.isFull && last !== undefined && !isAfter(order, last, place)) return;
    const at = this.#found.findIndex((each) => isAfter(order, each, place));
    this.#found.splice(at < 0 ? this.#found.length : at, 0, place);
    if (this.#found.length > limit + 1) this.#found.pop();
  }

  page(): PlacePage {
    return { places: this.#found.slice(0, this.#query.limit), isLast: !this.isFull };
  }
}

export interface PlacePage {
  readonly places: readonly ListPlace[];
  readonly isLast: boolean;
}

/**
 * Where the entities of a page stand, of all that match and may be read. The store has them in the order of their urns; in another order all that
 * match are looked at.
 * @throws HubError invalid-request when too many match for another order
 */
export async function placesOf(
  { store, turns, slices }: EntityListOptions,
  { tenant, readable, mayRead }: PolicyClass,
  query: ListQuery,
): Promise<PlacePage> {
  const { selection, order, after, limit } = query;
  const filter: Filter = { op: 'and', args: [readable, selection.filter] };
  const isStored = order.by === 'urn' && !order.isDescending;
  const found = new FirstPlaces(query);
  let next = isStored ? (after?.urn ?? '') : '';
  for (let read = 0; ;) {
    const slice = { tenant, filter, afterUrn: next, maxBytes: sliceBytes };
    const page = await slices.run(tenant, async () => {
      await turns.next(tenant);
      return store.find({ ...slice, limit: isStored ? Math.min(sliceDocuments, limit + 1) : sliceDocuments });
    });
    await inTurns({ turns, tenant }, page.documents, (document) => {
      // the store may compare in another way than live events do
      if (selection.matches(document.head) && mayRead(document.head)) found.add(placeOf(order, document));
    });
    read += page.documents.length;
    if (page.next === undefined || (isStored && found.isFull)) return found.page();
    if (!isStored && read > maxRead)
      throw new HubError('invalid-request', `sort: more than ${maxRead} match; narrow the filter, or sort by urn`);
    next = page.next;
  }
}
