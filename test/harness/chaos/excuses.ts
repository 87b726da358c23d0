import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Delivery } from '../reconcile/oracle.ts';
import { classesOf, type Listener } from '../reconcile/listener.ts';
import type { FeedRecord } from './chaos-client.ts';
import type { LogPlace } from './log-truth.ts';

/** An event with its wire id and its place. */
export interface PlacedEvent {
  readonly event: HubEvent;
  readonly place: LogPlace;
  /** Where it stands last; it may have been handed over because of that. */
  readonly lastPlace: LogPlace;
}

export interface ExcuseOptions {
  readonly listener: Listener;
  readonly record: FeedRecord;
  /** By wire id. */
  readonly placed: ReadonlyMap<string, PlacedEvent>;
  /** All events of an entity of the listener's tenant, by version. */
  readonly historyOf: (subject: string) => readonly PlacedEvent[];
}

const storyVersions = 6;
const storyEvents = 12;

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

/** For each class that the listener may have. */
function looksOf(listener: Listener, head: Head | null): string {
  if (head === null) return 'gone';
  const readable = classesOf(listener).map((policyClass) => (policyClass.mayRead(head) ? 'seen' : 'hidden'));
  return `${listener.selection.matches(head) ? 'selected' : 'other'} ${readable.join('/')}`;
}

/** Clocks are the same; what is told takes a moment on its way. */
const slackMs = 2000;

/** One told gap: what may be missing lies, in each partition, between what came before it and what came behind it. */
interface Hole {
  readonly atMs: number;
  readonly after: ReadonlyMap<number, number>;
  readonly before: ReadonlyMap<number, number>;
}

function extreme(
  { record: { events }, placed }: ExcuseOptions,
  [from, to]: readonly [number, number],
  { of, choose }: { readonly of: 'place' | 'lastPlace'; readonly choose: (one: number, other: number) => number },
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { id } of events.slice(from, to)) {
    const place = placed.get(id)?.[of];
    if (place !== undefined)
      found.set(place.partition, choose(found.get(place.partition) ?? place.offset, place.offset));
  }
  return found;
}

/** Why one feed may lack an event. */
export class Excuses {
  readonly #options: ExcuseOptions;
  readonly #holes: readonly Hole[];

  constructor(options: ExcuseOptions) {
    this.#options = options;
    const { events, gaps } = options.record;
    this.#holes = gaps.map(({ index, atMs }) => ({
      atMs,
      after: extreme(options, [0, index], { of: 'place', choose: Math.max }),
      before: extreme(options, [index, events.length], { of: 'lastPlace', choose: Math.min }),
    }));
  }

  covers(delivery: Pick<Delivery, 'id' | 'subject' | 'version'>): boolean {
    const place = this.#options.placed.get(delivery.id)?.place;
    return place !== undefined && (this.#wasBefore(place) || this.#isInHole(place) || this.#wasHidden(delivery, place));
  }

  /** What a person needs to find out why it is missing. */
  story({ id, subject, version }: Delivery): string {
    const { listener, record, placed } = this.#options;
    const place = placed.get(id)?.place;
    const lives = record.liveAtMs.map(timeOf).join();
    const gaps = record.gaps.map(({ reason, atMs, index }) => `${reason} ${timeOf(atMs)} after ${index}`).join();
    const holes = this.#holes
      .map(({ after: from, before: to }) => `${from.get(place?.partition ?? 0)}-${to.get(place?.partition ?? 0)}`)
      .join();
    return [
      `${listener.name}: ${subject} ${version} of partition ${place?.partition} is missing; live ${lives}; gaps ${gaps}; holes ${holes}`,
      ...this.#behindGaps(),
      ...this.#neighbours(subject, version),
    ].join('\n  ');
  }

  /** What came first behind each gap: it says where the hole ends. */
  #behindGaps(): readonly string[] {
    const { record, placed } = this.#options;
    return record.gaps.map(({ reason, index }) => {
      const first = record.events.slice(index, index + storyEvents).map(({ id }, nth) => {
        const held = placed.get(id);
        const { partition, offset } = held?.place ?? {};
        return `${partition}:${offset}/${held?.lastPlace.offset} ${timeOf(record.atMs[index + nth] ?? 0)}`;
      });
      return `behind ${reason} ${index}: ${first.join(', ')}`;
    });
  }

  /** The versions of the entity around it: where they stand, how they look to the listener, and when they came. */
  #neighbours(subject: string, version: number): readonly string[] {
    const { listener, record, historyOf, placed } = this.#options;
    const came = new Map(record.events.map(({ id }, index) => [placed.get(id)?.event, index]));
    return historyOf(subject)
      .filter(({ event }) => Math.abs(event.data.version - version) <= storyVersions)
      .map(({ event, place: { offset, appendedAtMs } }) => {
        const { before, after } = event.data.heads;
        const looks = [before, after].map((head) => looksOf(listener, head)).join(' -> ');
        const index = came.get(event);
        const arrival = index === undefined ? 'did not come' : `came ${index} ${timeOf(record.atMs[index] ?? 0)}`;
        const size = event.data.after === undefined ? ', without its document' : '';
        return `${event.data.version} at ${offset} ${timeOf(appendedAtMs)}: ${looks}${size}; ${arrival}`;
      });
  }

  /** Nothing is due from before it was live for the first time. */
  #wasBefore({ appendedAtMs }: LogPlace): boolean {
    const [firstMs] = this.#options.record.liveAtMs;
    return firstMs !== undefined && appendedAtMs <= firstMs;
  }

  #isInHole({ partition, offset, appendedAtMs }: LogPlace): boolean {
    return this.#holes.some(
      ({ atMs, after, before }) =>
        offset > (after.get(partition) ?? -1) &&
        offset < (before.get(partition) ?? Number.POSITIVE_INFINITY) &&
        appendedAtMs <= atMs + slackMs,
    );
  }

  /**
   * Of what happened while the client was away, a replay tells nothing that it may not see any more when it comes back:
   * only that the entity has left.
   */
  #wasHidden({ subject, version }: Pick<Delivery, 'subject' | 'version'>, { appendedAtMs }: LogPlace): boolean {
    const { listener, record, historyOf } = this.#options;
    const hidingAtMs = historyOf(subject)
      .filter(({ event }) => {
        const { before, after } = event.data.heads;
        const head = after ?? before;
        return (
          event.data.version >= version &&
          head !== null &&
          !classesOf(listener).every((policyClass) => policyClass.mayRead(head))
        );
      })
      .map(({ place }) => place.appendedAtMs);
    return hidingAtMs.some((hiddenMs) =>
      record.liveAtMs.slice(1).some((liveMs) => liveMs + slackMs >= hiddenMs && liveMs + slackMs >= appendedAtMs),
    );
  }
}
