import type { AnyWireEvent, WireItem } from '../../channels/protocol/down.ts';
import type { ResumeReason, SubscribeRequest } from '../../channels/protocol/up.ts';
import { HubClientError } from '../hub-client-error.ts';
import { sampleItem } from './contract-server.ts';
import { nextSubscription } from '../subscription/next-subscription.ts';
import {
  isLive,
  isSettled,
  type LinkEvent,
  newSubscription,
  requestOf,
  type SinkEffect,
  type SubscriptionEvent,
  type SubscriptionState,
} from '../subscription/subscription-state.ts';

/** One accepted fact: whether the entity matches after it. */
export interface Fact {
  readonly urn: string;
  readonly matches: boolean;
}

/**
 * One thing that may happen in the world. `on` chooses among the links that there are; what makes no sense at the moment is
 * left out.
 */
export type Step =
  | { readonly do: 'append'; readonly fact: Fact }
  | { readonly do: 'advance' | 'catch-up' | 'deliver'; readonly on: number; readonly count: number }
  | { readonly do: 'tick' | 'go-live' | 'policy' | 'stale' | 'log-gap' | 'repeat' | 'cut'; readonly on: number }
  /** `arrive`: all that is on its way. `pass`: all that there is, with a cursor behind it. */
  | { readonly do: 'arrive' | 'pass'; readonly on: number }
  | { readonly do: 'goaway' | 'switch' | 'retry' | 'refuse' | 'close' }
  | { readonly do: 'resume'; readonly answer: true | ResumeReason | undefined };

/** What a node knows of the subscription. */
interface Served {
  readonly request: SubscribeRequest;
  /** Sent up to here. */
  position: number;
  isLive: boolean;
  /** Facts before this are in the snapshot that was sent. */
  snapshotAt: number;
}

/** One link to a node of its own, whose tail may be behind. */
interface LinkModel {
  readonly link: number;
  tail: number;
  served: Served | null;
  /** Sent and not yet arrived. */
  readonly frames: LinkEvent[];
}

/** Hubs, links and one subscription: everything may be cut, late, repeated or out of step. */
export class SubscriptionWorld {
  readonly log: Fact[] = [];
  state: SubscriptionState;
  links: LinkModel[] = [];
  /** What may have cost the subscription an event. */
  causes = 0;
  readonly #perform: (effect: SinkEffect) => void;
  #lastLink = 0;
  #retries: number[] = [];
  #answer: true | ResumeReason | undefined = true;
  #refuses = false;
  #connectionCursor: string | null = null;
  /** How far the foremost node is. */
  #sent = 0;

  constructor(mode: 'events' | 'view', perform: (effect: SinkEffect) => void) {
    this.#perform = perform;
    this.state = newSubscription({ id: 's', channel: 'assets', ...(mode === 'view' && { mode }) });
    this.#connect();
  }

  get isView(): boolean {
    return this.state.wanted.mode === 'view';
  }

  run(step: Step): void {
    switch (step.do) {
      case 'append':
        return void this.log.push(step.fact);
      case 'goaway':
        return this.links.length === 1 ? this.#connect() : undefined;
      case 'switch': {
        const [, next] = this.links;
        return next !== undefined && isSettled(this.state, next.link) ? this.#cut(0) : undefined;
      }
      case 'retry':
        for (const link of this.#retries.splice(0)) this.#tell({ type: 'retry', link });
        return undefined;
      case 'refuse':
        this.#refuses = true;
        return undefined;
      case 'resume':
        this.#answer = step.answer;
        return undefined;
      case 'close':
        return this.#tell({ type: 'close' });
      default: {
        const on = step.on % this.links.length;
        const model = this.links[on];
        return step.do === 'cut' || model === undefined ? this.#cut(on) : this.#onLink(model, step);
      }
    }
  }

  /** No more faults: everything that can arrive does. */
  settle(): void {
    this.#answer = true;
    this.#refuses = false;
    for (let round = 0; round < 20; round += 1) {
      this.run({ do: 'retry' });
      for (const model of [...this.links]) {
        this.#advance(model, this.log.length);
        if (model.served !== null && !model.served.isLive) this.#goLive(model);
        this.#deliver(model, model.frames.length);
      }
      this.run({ do: 'switch' });
    }
  }

  #onLink(model: LinkModel, step: Extract<Step, { readonly on: number }>): void {
    switch (step.do) {
      case 'advance':
        return this.#advance(model, step.count);
      case 'catch-up':
        return this.#replay(model, step.count);
      case 'go-live':
        return model.served !== null && !model.served.isLive ? this.#goLive(model) : undefined;
      case 'deliver':
        return this.#deliver(model, step.count);
      case 'arrive':
        return this.#deliver(model, model.frames.length);
      case 'pass':
        this.#advance(model, this.log.length);
        model.frames.push({ type: 'cursor', cursor: String(model.tail) });
        return this.#deliver(model, model.frames.length);
      case 'tick':
        return void model.frames.push({ type: 'cursor', cursor: String(model.tail) });
      case 'policy':
        return this.#changePolicy(model);
      case 'stale':
        return this.#skip(model, 'unavailable');
      case 'log-gap':
        return this.#skip(model, 'log');
      case 'repeat': {
        // a record that is in the log twice, close behind one another
        const last = model.frames.findLastIndex((frame) => frame.type === 'events');
        return void model.frames.splice(last + 1, 0, ...model.frames.slice(last, last + 1));
      }
      case 'cut':
        return undefined;
      default:
        return step satisfies never;
    }
  }

  #advance(model: LinkModel, count: number): void {
    const to = Math.min(this.log.length, model.tail + count);
    const events = this.#events(model.tail, to);
    model.tail = to;
    // also when it is not live: another subscription of the connection may share its room
    if (events.length > 0 && model.served !== null) model.frames.push({ type: 'events', events });
    if (model.served?.isLive) model.served.position = to;
    this.#sent = Math.max(this.#sent, to);
  }

  #replay(model: LinkModel, count: number): void {
    const { served } = model;
    if (served === null || served.isLive) return;
    const to = Math.min(model.tail, served.position + count);
    const events = this.#events(Math.max(served.position, Math.min(served.snapshotAt, to)), to);
    served.position = to;
    model.frames.push({ type: 'replay', events, cursor: String(to) });
  }

  #goLive(model: LinkModel): void {
    this.#replay(model, this.log.length);
    if (model.served !== null) model.served.isLive = true;
    model.frames.push({ type: 'live' });
  }

  #skip(model: LinkModel, reason: 'log' | 'unavailable'): void {
    if (model.served === null || model.tail === this.log.length) return;
    model.tail += 1;
    this.#sent = Math.max(this.#sent, model.tail);
    this.causes += 1;
    model.frames.push({ type: 'incomplete', reason });
  }

  #changePolicy(model: LinkModel): void {
    const { served } = model;
    if (served === null) return;
    model.frames.push({ type: 'policy', room: `room ${this.log.length}`, handle: 'other', reason: 'token' });
    if (!this.isView && served.isLive) return;
    if (!this.isView) {
      // the rest of its replay does not come
      this.causes += 1;
      this.#sent = Math.max(this.#sent, model.tail);
      Object.assign(served, { isLive: true, position: model.tail });
      return void model.frames.push({ type: 'live' });
    }
    Object.assign(served, { isLive: false, position: model.tail });
    this.#sendSnapshot(model, served);
  }

  #subscribe(model: LinkModel, request: SubscribeRequest, connectionCursor: string | null): void {
    if (this.#refuses) {
      this.#refuses = false;
      const error = new HubClientError('rate-limited', 'slower', { retryable: true });
      return void model.frames.push({ type: 'refused', error });
    }
    const cursor = request.handle === undefined ? undefined : (request.cursor ?? connectionCursor ?? undefined);
    const answer = cursor === undefined ? undefined : this.#answer;
    // a node waits until it is as far as the cursor
    model.tail = Math.max(model.tail, Number(cursor ?? 0));
    if (answer !== true) {
      this.causes += 1;
      // now is not before what another node has sent
      model.tail = Math.max(model.tail, this.#sent);
    }
    const position = answer === true ? Number(cursor) : model.tail;
    const served: Served = { request, position, isLive: false, snapshotAt: 0 };
    model.served = served;
    const reason = typeof answer === 'string' ? { reason: answer } : {};
    const recovered = answer === true;
    const told = this.isView && !recovered ? '' : String(position);
    const result = { id: 's', room: 'room', handle: 'handle', cursor: told, recovered };
    model.frames.push({ type: 'subscribed', result: { ...result, ...reason } });
    if (this.isView && answer !== true) this.#sendSnapshot(model, served);
  }

  /** Of the catalog, which is ahead of every node's tail. */
  #sendSnapshot(model: LinkModel, served: Served): void {
    const items = this.expected();
    served.snapshotAt = this.log.length;
    const half = Math.ceil(items.length / 2);
    model.frames.push({ type: 'snapshot', items: items.slice(0, half), isFirst: true });
    if (half > 0) model.frames.push({ type: 'snapshot', items: items.slice(half), isFirst: false });
  }

  /** What a view of everything must hold in the end. */
  expected(): readonly WireItem[] {
    const items = new Map<string, WireItem>();
    for (const [position, { urn, matches }] of this.log.entries()) {
      if (matches) items.set(urn, sampleItem(urn, position));
      else items.delete(urn);
    }
    return [...items.values()].sort((one, other) => (one.entity.urn < other.entity.urn ? -1 : 1));
  }

  #events(from: number, to: number): readonly AnyWireEvent[] {
    return this.log.slice(from, to).map(({ urn, matches }, index) => {
      const recordedtime = new Date(from + index).toISOString();
      const base = { id: String(from + index), subject: `urn:example:${urn}`, recordedtime };
      return matches
        ? { ...base, kind: 'enter', ...sampleItem(urn, from + index) }
        : { ...base, kind: 'leave', reason: 'left' };
    });
  }

  #deliver(model: LinkModel, count: number): void {
    for (const frame of model.frames.splice(0, count)) {
      if (!this.links.includes(model)) return;
      if (frame.type === 'cursor') this.#connectionCursor = frame.cursor;
      this.#tell({ ...frame, link: model.link });
    }
  }

  #connect(): void {
    const model: LinkModel = { link: (this.#lastLink += 1), tail: 0, served: null, frames: [] };
    this.links.push(model);
    const request = requestOf(this.state, this.#connectionCursor);
    if (this.state.isEnded) return;
    this.#tell({ type: 'asked', link: model.link });
    this.#subscribe(model, request, this.#connectionCursor);
  }

  #cut(index: number): void {
    const [model] = this.links.splice(index, 1);
    if (model !== undefined) this.#tell({ type: 'down', link: model.link });
    if (this.links.length === 0) this.#connect();
  }

  #tell(event: SubscriptionEvent): void {
    const { state, effects } = nextSubscription(this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'retry') this.#retries.push(effect.link);
      else if (effect.type !== 'request' && effect.type !== 'leave') this.#perform(effect);
      else {
        const model = this.links.find(({ link }) => link === effect.link);
        if (model === undefined) continue;
        if (effect.type === 'request') this.#subscribe(model, requestOf(this.state), null);
        else {
          model.served = null;
          model.frames.push({ type: 'left' });
        }
      }
    }
  }

  get isLive(): boolean {
    return isLive(this.state);
  }
}
