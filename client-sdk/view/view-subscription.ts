import type { AnyWireEvent, AnyWireItem } from '../../channels/protocol/down.ts';
import { Emitter } from '../emitter.ts';
import { HubClientError } from '../hub-client-error.ts';
import { LivePromise } from '../subscription/live-promise.ts';
import { NewestSeen } from '../subscription/newest-seen.ts';
import type { SinkEffect } from '../subscription/subscription-state.ts';
import { change, type Changes, collect, type ContentChange, find, replace } from './view-content.ts';
import type { View, ViewEvents, ViewSnapshot, ViewStatus } from './view.ts';

/** What a view is called, what its items hold, and what it tells its owner. */
export interface ViewSubscriptionOptions {
  readonly id: string;
  readonly channel: string;
  /** Its items carry documents. */
  readonly hasDocuments: boolean;
  /** Entities that are remembered beyond those that must be. */
  readonly keptEntities?: number;
  /** The application has ended it. */
  readonly left: () => void;
  /** An event did not say what a view needs: a new snapshot is wanted. */
  readonly broken: () => void;
}

/** Of items with documents, and of entities alone. */
const [maxDocuments, maxEntities] = [5000, 20_000];

/** What a link has sent that is not the content yet. */
interface Stage {
  readonly changes: Changes;
  readonly seen: NewestSeen;
}

/** The application's side of a view: its content, and what may become it. */
export class ViewSubscription implements View<AnyWireItem> {
  readonly id: string;
  readonly channel: string;
  readonly #options: ViewSubscriptionOptions;
  readonly #live = new LivePromise();
  readonly #events = new Emitter<ViewEvents<AnyWireItem>>();
  readonly #renewals = new Emitter<{ snapshot: undefined }>();
  readonly #stages = new Map<number, Stage>();
  /** Of the events that are in the content beyond the last snapshot. */
  #seen: NewestSeen;
  #snapshot: ViewSnapshot<AnyWireItem> = { items: [], status: 'loading', error: null };

  constructor(options: ViewSubscriptionOptions) {
    this.id = options.id;
    this.channel = options.channel;
    this.#options = options;
    this.#seen = this.#nothingSeen();
  }

  get items(): readonly AnyWireItem[] {
    return this.#snapshot.items;
  }

  get status(): ViewStatus {
    return this.#snapshot.status;
  }

  get live(): Promise<void> {
    return this.#live.promise;
  }

  readonly getSnapshot = (): ViewSnapshot<AnyWireItem> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => this.#renewals.on('snapshot', listener);

  get(urn: string): AnyWireItem | undefined {
    return find(this.items, urn);
  }

  on<Name extends keyof ViewEvents>(name: Name, listener: (value: ViewEvents<AnyWireItem>[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  close(): void {
    if (this.status === 'ended') return;
    this.#end(null);
    this.#options.left();
  }

  /** What the state of the subscription asks for. */
  perform(effect: SinkEffect): void {
    if (this.status === 'ended') return;
    switch (effect.type) {
      case 'deliver':
        return this.#deliver(effect.events);
      case 'rotate':
        return this.#seen.rotate();
      case 'stage':
        return this.#stage(effect.link, effect.items, effect.isFirst);
      case 'stage-events':
        return this.#stageEvents(effect.link, effect.events);
      case 'adopt':
        return this.#adopt(effect.link);
      case 'discard':
        return void this.#stages.delete(effect.link);
      case 'purge':
        this.#become(replace(this.items, new Map()), true);
        return this.#events.emit('policy', { reason: effect.reason });
      case 'live':
        this.#live.live();
        return this.#turn('live');
      case 'paused':
        return this.#turn('stale');
      case 'gap':
        // a hole in a view is healed by the next snapshot
        return undefined;
      case 'end':
        return this.#end(effect.error);
      default:
        return effect satisfies never;
    }
  }

  #deliver(events: readonly AnyWireEvent[]): void {
    const changes: Changes = new Map();
    const isComplete = collect(
      events.filter((event) => this.#seen.add(event)),
      changes,
      this.#options.hasDocuments,
    );
    this.#become(change(this.items, changes), false);
    if (!isComplete) this.#options.broken();
  }

  #stage(link: number, items: readonly AnyWireItem[], isFirst: boolean): void {
    const stage = (!isFirst && this.#stages.get(link)) || { changes: new Map(), seen: this.#nothingSeen() };
    this.#stages.set(link, stage);
    for (const item of items) stage.changes.set(item.entity.urn, item);
  }

  #stageEvents(link: number, events: readonly AnyWireEvent[]): void {
    const stage = this.#stages.get(link);
    if (stage === undefined) return;
    const isComplete = collect(
      events.filter((event) => stage.seen.add(event)),
      stage.changes,
      this.#options.hasDocuments,
    );
    if (!isComplete) this.#options.broken();
  }

  /**
   * A snapshot may be older than what another link has already brought, which this one will bring in its turn. So what
   * was seen for the old content means nothing for the new one.
   */
  #adopt(link: number): void {
    const stage = this.#stages.get(link);
    if (stage === undefined) return;
    this.#stages.clear();
    this.#seen = stage.seen;
    this.#become(replace(this.items, stage.changes), true);
  }

  #nothingSeen(): NewestSeen {
    return new NewestSeen(this.#options.keptEntities);
  }

  #become(change: ContentChange, reset: boolean): void {
    const { items } = change;
    if (items === this.items) return;
    const most = this.#options.hasDocuments ? maxDocuments : maxEntities;
    if (items.length > most) return this.#outgrow(most);
    this.#snapshot = { ...this.#snapshot, items };
    this.#events.emit('change', { ...change, reset });
    this.#renewals.emit('snapshot', undefined);
  }

  /** The hub says it of a snapshot; afterwards it does not count what each view holds. */
  #outgrow(most: number): void {
    const message = `more than ${most} entities match; narrow the filter, page through GET /v1/documents, or follow events`;
    this.#end(new HubClientError('view-too-large', message, { retryable: false }));
    this.#options.left();
  }

  #turn(status: 'live' | 'stale'): void {
    this.#snapshot = { ...this.#snapshot, status };
    this.#events.emit(status, undefined);
    this.#renewals.emit('snapshot', undefined);
  }

  #end(error: HubClientError | null): void {
    if (this.status === 'ended') return;
    this.#snapshot = { ...this.#snapshot, status: 'ended', error };
    this.#stages.clear();
    this.#live.end(this.id, error);
    this.#events.emit('ended', error);
    this.#renewals.emit('snapshot', undefined);
  }
}
