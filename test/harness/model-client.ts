import type { AnyWireEvent, AnyWireItem } from '../../channels/protocol/down.ts';
import type { FakeConnection } from './fake-connection.ts';
import type { TestNode } from './test-node.ts';

/** One subscription as a careful client holds it. */
export interface ModelSubscription {
  readonly id: string;
  readonly channel: string;
  readonly filter?: object;
  readonly mode: 'events' | 'view';
  handle: string | undefined;
  /** Its own cursor; undefined while that of the connection speaks for it. */
  cursor: string | undefined;
  live: boolean;
  room: string | undefined;
  /** Each time that it was told whether it recovered. */
  readonly announced: { recovered: boolean; reason: string | undefined; cursor: string }[];
  /** Events handed to the application since the last time that it did not recover. */
  handed: AnyWireEvent[];
  /** What a view holds. */
  items: Map<string, AnyWireItem>;
}

/** A client with the memory that the protocol asks for, and a network that loses what was under way. */
export class ModelClient {
  readonly subscriptions: ModelSubscription[];
  connection: FakeConnection | undefined;
  /** Messages that did not have the form of the protocol. */
  readonly faults: string[] = [];
  #cursor: string | undefined;
  #read = 0;
  #building: AnyWireItem[] = [];

  constructor(wanted: readonly Pick<ModelSubscription, 'channel' | 'filter' | 'mode'>[]) {
    this.subscriptions = wanted.map((each, index) => ({
      ...each,
      id: `s${index}`,
      handle: undefined,
      cursor: undefined,
      live: false,
      room: undefined,
      announced: [],
      handed: [],
      items: new Map(),
    }));
  }

  async connect(node: TestNode, principal: object = {}): Promise<void> {
    this.#read = 0;
    for (const each of this.subscriptions) [each.live, each.room] = [false, undefined];
    this.connection = await node.connect(
      {
        ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }),
        subscriptions: this.subscriptions.map(({ id, channel, filter, mode, handle, cursor }) => ({
          id,
          channel,
          mode,
          ...(filter === undefined ? {} : { filter }),
          ...(handle === undefined ? {} : { handle }),
          ...(handle === undefined || cursor === undefined ? {} : { cursor }),
        })),
      },
      principal,
    );
  }

  /** Reads what has come but for the last `lost` messages. */
  read(lost = 0): void {
    const sent = this.connection?.sent ?? [];
    const end = Math.max(this.#read, sent.length - lost);
    for (const [name, payload] of sent.slice(this.#read, end)) this.#on(name, payload as never);
    this.#read = end;
  }

  /** The connection breaks; the last `lost` messages never arrive. */
  disconnect(lost = 0): void {
    this.read(lost);
    this.connection?.close();
    this.connection = undefined;
  }

  #on(name: string, message: never): void {
    switch (name) {
      case 'subscribed':
        return this.#subscribed(message);
      case 'replay':
        return this.#replay(message);
      case 'snapshot':
        return this.#snapshot(message);
      case 'live':
        return void Object.assign(this.#of((message as { id: string }).id), { live: true });
      case 'events':
        return this.#events(message);
      case 'cursor':
        return this.#connectionCursor((message as { cursor: string }).cursor);
      case 'policy':
        return this.#policy(message);
      case 'stale':
        return this.#stale((message as { room: string }).room);
      default:
        if (!['welcome', 'notice', 'ack'].includes(name)) this.faults.push(name);
    }
  }

  #of(id: string): ModelSubscription {
    return this.subscriptions.find((each) => each.id === id)!;
  }

  #subscribed(message: {
    id: string;
    room: string;
    handle: string;
    cursor: string;
    recovered: boolean;
    reason?: string;
  }): void {
    const held = this.#of(message.id);
    const { handle, cursor, recovered, reason, room } = message;
    Object.assign(held, { handle, cursor, room });
    held.announced.push({ recovered, reason, cursor });
    if (!recovered) held.handed = [];
  }

  #replay({ id, events, cursor }: { id: string; events: AnyWireEvent[]; cursor: string }): void {
    const held = this.#of(id);
    for (const event of events) this.#hand(held, event);
    held.cursor = cursor;
  }

  #snapshot({ page, items, last, id }: { id: string; page: number; items: AnyWireItem[]; last: boolean }): void {
    if (page === 0) this.#building = [];
    this.#building.push(...items);
    if (last) this.#of(id).items = new Map(this.#building.map((item) => [item.entity.urn, item]));
  }

  #events({ room, events }: { room: string; events: AnyWireEvent[] }): void {
    for (const held of this.subscriptions)
      if (held.live && held.room === room) for (const event of events) this.#hand(held, event);
  }

  #connectionCursor(cursor: string): void {
    this.#cursor = cursor;
    for (const held of this.subscriptions) if (held.live) held.cursor = undefined;
  }

  /** A feed goes on in another room; a view gets a new snapshot. */
  #policy({ id, room, handle }: { id: string; room: string; handle: string }): void {
    const held = this.#of(id);
    Object.assign(held, { room, handle });
    if (held.mode === 'view') Object.assign(held, { live: false, items: new Map() });
  }

  /** The next connection starts afresh for it. */
  #stale(room: string): void {
    for (const held of this.subscriptions) if (held.room === room) [held.handle, held.cursor] = [undefined, undefined];
  }

  #hand(held: ModelSubscription, event: AnyWireEvent): void {
    const isOld = (each: AnyWireEvent): boolean =>
      each.subject === event.subject && each.recordedtime >= event.recordedtime;
    if (held.handed.some(isOld)) return;
    held.handed.push(event);
    if (held.mode === 'events') return;
    if (event.kind === 'leave') held.items.delete(event.subject);
    else if (event.document === undefined || event.entity === undefined)
      this.faults.push(`${event.kind} without a document in a view`);
    else held.items.set(event.subject, { entity: { urn: event.subject, ...event.entity }, document: event.document });
  }
}
