/**
 * Says what every subscription is entitled to, by the shortest way there is: apply each change in its entity's order
 * to the document as it stands, and ask for each subscription whether it may see the image before and the image after.
 * No index, no rooms, no batches, no log: nothing of what is to be tested stands between a change and the answer. What
 * is shared with the hub are the rules themselves: `applyChange`, the predicates of filters and policy, and the wire form.
 */
import { applyChange, type Applied } from '../../../channels/catalog/apply-change.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import { type CatalogDocument, definitionUrn, documentKey } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Head } from '../../../channels/event/head.ts';
import { carriedDocument, type Transition, wireEvent } from '../../../channels/event/wire-event.ts';
import type { WireEvent } from '../../../channels/protocol/down.ts';
import { contentOf } from './content.ts';
import type { Listener } from './listener.ts';

/** One event as one subscription must get it. */
export interface Delivery {
  readonly id: string;
  readonly subject: string;
  /** Version of the entity after the event: the order in which deliveries of one entity must come. */
  readonly version: number;
  readonly content: string;
}

export interface OracleOptions {
  readonly listeners: readonly Listener[];
  /** The opaque id that the hub under test gives an event. */
  readonly wireId: (event: HubEvent) => string;
  /** Hears of each event. */
  readonly onEvent?: (event: HubEvent) => void;
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

/** Serialises each form of an event once, however many subscriptions get it. */
function formsOf(event: HubEvent, id: string): (transition: Transition) => string {
  const forms = new Map<Transition, string>();
  return (transition) => {
    const held = forms.get(transition);
    if (held !== undefined) return held;
    const shown = transition === 'enter' ? carriedDocument(event) : undefined;
    const wire = JSON.parse(JSON.stringify(wireEvent(event, transition, id, shown))) as WireEvent;
    const content = contentOf(wire);
    forms.set(transition, content);
    return content;
  };
}

export class Oracle {
  readonly #options: OracleOptions;
  readonly #listeners: ReadonlyMap<string, readonly Listener[]>;
  readonly #documents = new Map<string, CatalogDocument>();
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
    const events: HubEvent[] = [];
    for (const change of changes) {
      const key = documentKey(change.tenant, change.urn);
      const applied = this.#apply(overlay.get(key) ?? this.#documents.get(key), change);
      if (applied === undefined) continue;
      overlay.set(key, applied.document);
      if (applied.event !== undefined) events.push(applied.event);
    }
    for (const [key, document] of overlay) this.#documents.set(key, document);
    this.#changes += changes.length;
    for (const event of events) this.tell(event);
  }

  #apply(held: CatalogDocument | undefined, change: Change): Applied | undefined {
    const parentsOf = (scheme: string, name: string): readonly string[] => {
      const definition = this.#documents.get(documentKey(change.tenant, definitionUrn(scheme, name)));
      return definition?.kind === 'definition' && definition.status === 'active' ? definition.parents : [];
    };
    return applyChange(held, change, { recordedAt: acceptedAt, parentsOf });
  }

  /** One event as it is, in its entity's order: for those who know what the hub has made of the changes. */
  tell(event: HubEvent): void {
    this.#events += 1;
    this.#options.onEvent?.(event);
    const { heads, change, version, after } = event.data;
    const id = this.#options.wireId(event);
    const formOf = formsOf(event, id);
    for (const listener of this.#listeners.get(event.tenant) ?? []) {
      const transition = transitionOf(sees(listener, heads.before), sees(listener, heads.after));
      // what was recorded without altering anything is nothing to tell to those who see the entity already
      if (transition === undefined || (transition === 'update' && change.ops.length === 0)) continue;
      if (transition === 'enter' && after === undefined)
        throw new Error(`${event.subject}: too large to say exactly what an enter carries; make smaller documents`);
      const delivery = { id, subject: event.subject, version, content: formOf(transition) };
      this.#expected.get(listener.name)?.set(id, delivery);
      this.#deliveries += 1;
    }
  }
}
