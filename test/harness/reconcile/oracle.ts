/**
 * Says what every subscription is entitled to, by the shortest way there is: apply each change in its entity's order
 * to the document as it stands, and ask for each subscription whether it may see the image before and the image after.
 * No index, no rooms, no batches, no log: nothing of what is to be tested stands between a change and the answer. What
 * is shared with the hub are the rules themselves: `applyChange`, the predicates of filters and policy, and the wire form.
 */
import { applyChange, type ChangeResult } from '../../../channels/catalog/apply-change.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import { type CatalogDocument, definitionUrn, documentKey } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { WireEvent } from '../../../channels/protocol/down.ts';
import { identityMask as mask } from '../../../channels/wire/mask.ts';
import { revealed } from '../../../channels/wire/revealed.ts';
import { documentRest, wireHead } from '../../../channels/wire/wire-document.ts';
import { carriedDocument, type ShownDocument, type Transition } from '../../../channels/wire/wire-event.ts';
import { wireOf } from '../wire-of.ts';
import { contentOf, shownContent } from './content.ts';
import { classesOf, type Listener } from './listener.ts';
import type { OpaqueIds } from '../../../server/sealing/opaque-ids.ts';

/** What the delivery of an event says. To be asked when everything has been told. */
export interface Saying {
  /** Whether it may be this text. */
  readonly allows: (content: string) => boolean;
  /** Whether there may be none. */
  readonly mayBeMissing: () => boolean;
  /** Its document is read when it is sent, and may be of a later version of the entity. */
  readonly mayBeNewer: boolean;
  /** For people. */
  readonly wanted: () => string;
}

/** One event as one subscription must get it. */
export interface Delivery {
  readonly id: string;
  readonly subject: string;
  /** Version of the entity after the event: the order in which deliveries of one entity must come. */
  readonly version: number;
  readonly saying: Saying;
}

/** What an entity was after an event. */
interface Version {
  readonly version: number;
  readonly head: Head | null;
  readonly document: WithoutHead | undefined;
  /** What an `enter` shows of it. */
  shown?: string;
}

export interface OracleOptions {
  readonly listeners: readonly Listener[];
  /** What the hub under test calls events and elements. */
  readonly ids: Pick<OpaqueIds, 'event' | 'element'>;
  /** Hears of each event; the document as it is after it, if it comes of a change that the oracle took in. */
  readonly onEvent?: (event: HubEvent, document: WithoutHead | undefined) => void;
  /** Documents after events that are told and are too large to carry theirs. */
  readonly documentOf?: (event: HubEvent) => WithoutHead | undefined;
}

/** The hub's own times are not known beforehand. Later than any source's, so that no change looks as if it came from the future. */
const acceptedAt = '2100-01-01T00:00:00.000Z';

function transitionOf(before: boolean, after: boolean): Transition | undefined {
  if (before && after) return 'update';
  if (before) return 'leave';
  return after ? 'enter' : undefined;
}

export function sees({ selection, policyClass }: Listener, head: Head | null): boolean {
  return head !== null && selection.matches(head) && policyClass.mayRead(head);
}

function textOf(event: HubEvent, transition: Transition, id: string, shown?: ShownDocument): string {
  return contentOf(wireOf(event, transition, { id, shown }) as WireEvent);
}

function exactly(content: string): Saying {
  return { allows: (text) => text === content, mayBeMissing: () => false, mayBeNewer: false, wanted: () => content };
}

/** Serialises each form of an event once, however many subscriptions get it. */
function sayingsOf(event: HubEvent, id: string): (transition: Transition) => Saying {
  const sayings = new Map<Transition, Saying>();
  return (transition) => {
    const held = sayings.get(transition);
    if (held !== undefined) return held;
    const shown = transition === 'enter' ? carriedDocument(event) : undefined;
    const saying = exactly(textOf(event, transition, id, shown));
    sayings.set(transition, saying);
    return saying;
  };
}

/** What is due under one class or another: whatever either gives; it must come only if both give the same. */
function eitherOf(sayings: readonly (Saying | undefined)[]): Saying | undefined {
  const [first] = sayings;
  if (sayings.every((saying) => saying === first)) return first;
  const some = sayings.filter((saying) => saying !== undefined);
  return {
    allows: (content) => some.some((saying) => saying.allows(content)),
    mayBeMissing: () => true,
    mayBeNewer: some.some(({ mayBeNewer }) => mayBeNewer),
    wanted: () => some.map(({ wanted }) => wanted()).join(' or '),
  };
}

export class Oracle {
  readonly #options: OracleOptions;
  readonly #listeners: ReadonlyMap<string, readonly Listener[]>;
  readonly #documents = new Map<string, CatalogDocument>();
  readonly #messages = new Set<string>();
  readonly #versions = new Map<string, Version[]>();
  readonly #expected: ReadonlyMap<string, Map<string, Delivery>>;
  #changes = 0;
  #events = 0;
  #deliveries = 0;

  constructor(options: OracleOptions) {
    this.#options = options;
    const tenants = [...new Set(options.listeners.map(({ tenant }) => tenant))];
    const of = (tenant: string): readonly Listener[] => options.listeners.filter((each) => each.tenant === tenant);
    this.#listeners = new Map(tenants.map((tenant) => [tenant, of(tenant)]));
    this.#expected = new Map(options.listeners.map(({ name }) => [name, new Map<string, Delivery>()]));
    if (this.#expected.size !== options.listeners.length) throw new Error('two listeners have one name');
  }

  /** True for a message that a source sends again under the same id: it counts once. */
  knows(connector: string, messageId: string): boolean {
    const key = `${connector}|${messageId}`;
    const isKnown = this.#messages.has(key);
    this.#messages.add(key);
    return isKnown;
  }

  get changes(): number {
    return this.#changes;
  }

  get events(): number {
    return this.#events;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  /** What each subscription must get, by wire id. */
  get expected(): ReadonlyMap<string, ReadonlyMap<string, Delivery>> {
    return this.#expected;
  }

  /** All changes of one message, or none of them. @throws HubError as the rule of the catalog does; nothing is changed then */
  accept(changes: readonly Change[]): void {
    const overlay = new Map<string, CatalogDocument>();
    const events: (readonly [HubEvent, WithoutHead])[] = [];
    for (const change of changes) {
      const key = documentKey(change.tenant, change.urn);
      const applied = this.#apply(overlay.get(key) ?? this.#documents.get(key), change);
      if (applied === undefined) continue;
      overlay.set(key, applied.document);
      if (applied.event !== undefined) events.push([applied.event, applied.document]);
    }
    for (const [key, document] of overlay) this.#documents.set(key, document);
    this.#changes += changes.length;
    for (const [event, document] of events) this.tell(event, document);
  }

  #apply(held: CatalogDocument | undefined, change: Change): ChangeResult | undefined {
    const parentsOf = (scheme: string, name: string): readonly string[] => {
      const definition = this.#documents.get(documentKey(change.tenant, definitionUrn(scheme, name)));
      return definition?.kind === 'definition' && definition.status === 'active' ? definition.parents : [];
    };
    const { ids } = this.#options;
    return applyChange(held, change, {
      recordedAt: acceptedAt,
      parentsOf,
      elementKey: (urn, element) => ids.element(change.tenant, urn, element),
    });
  }

  /** One event as it is, in its entity's order: for those who know what the hub has made of the changes. */
  tell(event: HubEvent, document?: WithoutHead): void {
    this.#events += 1;
    this.#options.onEvent?.(event, document);
    const { heads, change, version, after } = event.data;
    this.#remember(event, document ?? after ?? this.#options.documentOf?.(event));
    const id = this.#options.ids.event(event);
    const asItIs = { of: sayingsOf(event, id), enterWithout: this.#enterWithout(event, id) };
    const shownEvent = revealed(event);
    const asRevealed = { of: sayingsOf(shownEvent, id), enterWithout: this.#enterWithout(shownEvent, id) };
    const sayingFor = (listener: Listener): Saying | undefined => {
      const transition = transitionOf(sees(listener, heads.before), sees(listener, heads.after));
      // what was recorded without altering anything is nothing to tell to those who see the entity already
      if (transition === undefined || (transition === 'update' && change.ops.length === 0)) return undefined;
      const wasHidden = heads.before !== null && !listener.policyClass.mayRead(heads.before);
      const { of, enterWithout } = transition === 'enter' && wasHidden ? asRevealed : asItIs;
      return transition === 'enter' && after === undefined ? enterWithout(listener) : of(transition);
    };
    for (const listener of this.#listeners.get(event.tenant) ?? []) {
      const saying = eitherOf(classesOf(listener).map((policyClass) => sayingFor({ ...listener, policyClass })));
      if (saying === undefined) continue;
      this.#expected.get(listener.name)?.set(id, { id, subject: event.subject, version, saying });
      this.#deliveries += 1;
    }
  }

  #remember({ tenant, subject, data }: HubEvent, document: WithoutHead | undefined): void {
    const key = documentKey(tenant, subject);
    const versions = this.#versions.get(key) ?? [];
    versions.push({ version: data.version, head: data.heads.after, document });
    this.#versions.set(key, versions);
  }

  /** An `enter` whose document is too large to ride on the event goes with the one that there is when it is sent. */
  #enterWithout(event: HubEvent, id: string): (listener: Listener) => Saying {
    const versions = this.#versions.get(documentKey(event.tenant, event.subject)) ?? [];
    const own = versions.at(-1) as Version;
    const later = (): readonly Version[] => versions.filter(({ version }) => version >= own.version);
    let text: string | undefined;
    const wanted = (): string => {
      if (own.head === null || own.document === undefined)
        throw new Error(`${event.subject}: nobody knows the document of version ${own.version}`);
      return (text ??= textOf(event, 'enter', id, { document: own.document, head: own.head }));
    };
    return (listener) => ({
      allows: (content) => {
        const start = wanted().slice(0, -shownOf(own).length);
        const isShown = (each: Version): boolean => content.slice(start.length) === shownOf(each);
        return content.startsWith(start) && later().some((each) => isShown(each) && sees(listener, each.head));
      },
      mayBeMissing: () => !later().every((each) => sees(listener, each.head)),
      mayBeNewer: true,
      wanted,
    });
  }
}

function shownOf(version: Version): string {
  const { head, document } = version;
  if (head === null || document === undefined) return '';
  const item = { entity: wireHead(head, mask), document: documentRest(document, mask) as JsonObject };
  return (version.shown ??= shownContent(JSON.parse(JSON.stringify(item)) as typeof item));
}
