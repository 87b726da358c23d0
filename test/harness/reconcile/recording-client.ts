import type { JsonObject } from '../../../channels/event/json.ts';
import type { EventsMessage, WireEvent } from '../../../channels/protocol/down.ts';
import { openRawSession, type RawSocket } from '../raw-socket.ts';
import { tokenFor } from '../hub-process.ts';
import { type ClientPlan, listenerName } from './listener.ts';

/** Equal events of many clients are kept once. */
export type EventPool = Map<string, { readonly event: WireEvent; readonly text: string }>;

/** Under which a subscription's events are filed that came in a room that the client is not in. */
export const strayListener = 'stray';

function pooled(event: WireEvent, pool: EventPool): WireEvent {
  const key = `${event.id} ${event.kind}`;
  const text = JSON.stringify(event);
  const held = pool.get(key);
  if (held === undefined) pool.set(key, { event, text });
  return held?.text === text ? held.event : event;
}

/** A client on raw frames that keeps everything it gets, by subscription and in order. */
export class RecordingClient {
  readonly observed = new Map<string, WireEvent[]>();
  /** Messages that a client which stays connected must not get: notices, ends of subscriptions, new policies. */
  readonly surprises: string[] = [];
  readonly #plan: ClientPlan;
  readonly #pool: EventPool;
  readonly #socket: RawSocket;
  readonly #rooms = new Map<string, string>();
  #live = 0;
  #count = 0;

  constructor(plan: ClientPlan, socket: RawSocket, pool: EventPool) {
    this.#plan = plan;
    this.#socket = socket;
    this.#pool = pool;
  }

  get isOpen(): boolean {
    return !this.#socket.isClosed;
  }

  /** Takes what has arrived since the last call; gives how many events there were in all. */
  collect(): number {
    for (const message of this.#socket.messages.splice(0)) this.#onMessage(message);
    return this.#count;
  }

  /** Resolves when every subscription is live. */
  async live(): Promise<void> {
    while (this.#live < this.#plan.subscriptions.length) {
      await this.#socket.until((message) => message.startsWith('42["live"') || message.startsWith('42["ended"'));
      this.collect();
      if (this.surprises.length > 0) throw new Error(`${this.#plan.name}: ${this.surprises.join(' ')}`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #onMessage(message: string): void {
    if (!message.startsWith('42')) return;
    const [name, payload] = JSON.parse(message.slice(2)) as [string, JsonObject];
    switch (name) {
      case 'events':
        return this.#onEvents(payload as unknown as EventsMessage);
      case 'subscribed':
        return void this.#rooms.set(payload['room'] as string, payload['id'] as string);
      case 'live':
        this.#live += 1;
        return;
      case 'welcome':
      case 'cursor':
        return;
      case 'notice':
        // a retail steward of no domain
        if (payload['code'] === 'nothing-granted') return;
        return void this.surprises.push(message);
      default:
        this.surprises.push(message);
    }
  }

  #onEvents({ room, events }: EventsMessage): void {
    const listener = this.#rooms.get(room) ?? `${this.#plan.name}.${strayListener}`;
    const list = this.observed.get(listener) ?? [];
    this.observed.set(listener, list);
    for (const event of events) list.push(pooled(event as WireEvent, this.#pool));
    this.#count += events.length;
  }
}

/** Connects and subscribes in one step, as the library does; resolves when everything is live. */
export async function openRecordingClient(url: string, plan: ClientPlan, pool: EventPool): Promise<RecordingClient> {
  const { name, tenant, sub, roles, claims } = plan;
  const subscriptions = plan.subscriptions.map((each, index) => ({ id: listenerName(name, index), ...each }));
  const socket = await openRawSession(url, tokenFor({ tenant, sub, roles, claims }), { subscriptions });
  const client = new RecordingClient(plan, socket, pool);
  await client.live();
  return client;
}
