import { createHub, type Hub, type Subscription, type View, type WireEvent } from '@pursight/client';
import { canonicalJson, type JsonObject } from '../../../channels/event/json.ts';
import { tokenFor } from '../hub-process.ts';
import { listenerName } from '../reconcile/listener.ts';
import type { ChaosClientPlan } from './chaos-plan.ts';

/** What the application got of one feed. */
export interface FeedRecord {
  readonly events: WireEvent[];
  /** When each of them came. */
  readonly atMs: number[];
  /** `index`: how many events came before it. */
  readonly gaps: { readonly index: number; readonly reason: string; readonly atMs: number }[];
  readonly liveAtMs: number[];
}

/** What one view ever held, as texts of documents without the hub's own times, and the view itself. */
export interface ViewRecord {
  readonly view: View;
  readonly shown: Set<string>;
  /** When it was live and stale, and when each row came, changed and went. For people. */
  readonly diary: DiaryEntry[];
}

export interface DiaryEntry {
  readonly atMs: number;
  /** Of a row; undefined: of the view. */
  readonly urn: string | undefined;
  readonly what: string;
}

/** Equal texts and events of many clients are kept once. */
export type Pool = Map<string, WireEvent>;

function pooled(event: WireEvent, pool: Pool): WireEvent {
  const key = JSON.stringify(event);
  const held = pool.get(key);
  if (held === undefined) pool.set(key, event);
  return held ?? event;
}

/** The document of an item, as one text whatever the order of its members. */
export function shownText(urn: string, document: JsonObject): string {
  return `${urn} ${canonicalJson(document)}`;
}

/** As `shownText`, without the hub's own times. */
export function timelessText(urn: string, document: JsonObject): string {
  const { createdAt: _createdAt, updatedAt: _updatedAt, ...rest } = document;
  return shownText(urn, rest);
}

/** A client as applications are: the library, its callbacks, and a function that gives tokens. */
export class ChaosClient {
  readonly plan: ChaosClientPlan;
  readonly hub: Hub;
  readonly feeds = new Map<string, FeedRecord>();
  readonly views = new Map<string, ViewRecord>();
  readonly errors = new Map<string, number>();
  /** Subscriptions that the hub or the library gave up. */
  readonly ended: string[] = [];
  /** Of the last token. */
  roles: readonly string[];
  /** No token has other roles than the last any more. */
  isSettled = false;
  readonly #live: Promise<void>[] = [];

  constructor(plan: ChaosClientPlan, url: string, pool: Pool) {
    this.plan = plan;
    this.roles = plan.roles;
    this.hub = createHub({
      url,
      token: () => this.#token(),
      client: plan.name,
      reconnect: { minMs: 50, maxMs: 2000 },
    });
    this.hub.on('error', ({ code }) => this.errors.set(code, (this.errors.get(code) ?? 0) + 1));
    this.hub.on('status', (status) => status === 'closed' && this.ended.push(`${plan.name}: closed`));
    for (const [index, { channel, filter, mode }] of plan.subscriptions.entries()) {
      const name = listenerName(plan.name, index);
      const options = filter === undefined ? {} : { filter };
      if (mode === 'view') this.#watchView(name, this.hub.view(channel, options));
      else this.#watchFeed(name, this.hub.channel(channel, options), pool);
    }
  }

  get live(): Promise<unknown> {
    return Promise.all(this.#live);
  }

  #token(): string {
    const { tenant, sub, roles, otherRoles, claims, tokenTtlSeconds, tokenFailures } = this.plan;
    if (!this.isSettled && Math.random() < tokenFailures) throw new Error('the identity provider is away');
    if (otherRoles !== undefined && !this.isSettled) this.roles = this.roles === roles ? otherRoles : roles;
    return tokenFor({ tenant, sub, roles: this.roles, claims, ttlSeconds: tokenTtlSeconds });
  }

  #watchFeed(name: string, feed: Subscription, pool: Pool): void {
    const record: FeedRecord = { events: [], atMs: [], gaps: [], liveAtMs: [] };
    this.feeds.set(name, record);
    this.#live.push(feed.live);
    feed.on('event', (event) => {
      record.events.push(pooled(event, pool));
      record.atMs.push(Date.now());
    });
    feed.on('gap', ({ reason }) => record.gaps.push({ index: record.events.length, reason, atMs: Date.now() }));
    feed.on('live', () => record.liveAtMs.push(Date.now()));
    if (this.plan.otherRoles === undefined)
      feed.on('policy', ({ reason }) => this.ended.push(`${name}: policy ${reason}`));
    feed.on('ended', (error) => error !== null && this.ended.push(`${name}: ${error.code} ${error.message}`));
  }

  #watchView(name: string, view: View): void {
    const record: ViewRecord = { view, shown: new Set(), diary: [] };
    this.views.set(name, record);
    this.#live.push(view.live);
    const known = new WeakSet();
    const note = (what: string, urn?: string): void => void record.diary.push({ atMs: Date.now(), urn, what });
    view.on('live', () => note('live'));
    view.on('stale', () => note('stale'));
    let before: ReadonlySet<string> = new Set();
    view.on('change', ({ items, reset }) => {
      const how = reset ? 'by a snapshot' : 'by events';
      if (reset) note(`a snapshot of ${items.length}`);
      const now = new Set(items.map(({ entity }) => entity.urn));
      for (const urn of before) if (!now.has(urn)) note(`gone ${how}`, urn);
      before = now;
      for (const item of items) {
        if (known.has(item)) continue;
        known.add(item);
        note(`as of ${JSON.stringify(item.document['updatedAt'])} ${how}`, item.entity.urn);
        record.shown.add(timelessText(item.entity.urn, item.document));
      }
    });
    view.on('ended', (error) => error !== null && this.ended.push(`${name}: ${error.code} ${error.message}`));
  }
}
