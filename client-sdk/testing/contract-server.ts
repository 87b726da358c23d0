import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import type { AnyWireEvent, AnyWireItem, DownEvents, WireItem } from '../../channels/protocol/down.ts';
import type { WireError } from '../../channels/protocol/hub-error.ts';
import type {
  ConnectAuth,
  ResumeReason,
  SubscribedResult,
  SubscribeRequest,
  UpEvents,
} from '../../channels/protocol/up.ts';
import type { SearchHit } from '../../channels/protocol/search.ts';
import { commonProtocol, type ProtocolRange, spokenProtocols } from '../../channels/protocol/version.ts';
import { ContractSearches } from './contract-searches.ts';

type HubSocket = Socket<UpEvents, DownEvents>;

/** What a test can decide; everything is allowed unless it says otherwise. */
export interface ContractServerOptions {
  /** Null lets the token in. */
  verify: (token: string) => WireError | null;
  /** Versions of the protocol that it speaks. */
  protocols: ProtocolRange;
  /** What it says that it speaks, instead of what was agreed. */
  welcomes?: number;
  /** What it can besides. */
  features: readonly string[];
  /** Null accepts the subscription. */
  judge: (request: SubscribeRequest) => WireError | null;
  expiresAt: () => string;
  /** Null accepts. */
  judgeUnsubscribe: () => WireError | null;
  /** While false, a welcomed session gets no `live`: its subscriptions wait for `release`. */
  goLive: boolean;
  /** Whether a subscription that shows a cursor or a time is continued; undefined: no, without a reason. */
  resume: (request: SubscribeRequest) => true | ResumeReason | undefined;
  /** What a view holds at first. */
  documents: (request: SubscribeRequest) => readonly AnyWireItem[];
  /** Events in one `replay`, documents in one page. */
  pageSize: number;
}

/** A subscription that is not live yet. */
interface Waiting {
  readonly socket: HubSocket;
  readonly request: SubscribeRequest;
  /** What was published before this has come. */
  position: number;
}

/** The server side of the wire protocol on the real Socket.IO server, without a catalog behind it. */
export class ContractServer {
  readonly options: ContractServerOptions = {
    verify: () => null,
    protocols: spokenProtocols,
    features: ['search'],
    judge: () => null,
    expiresAt: () => new Date(Date.now() + 3_600_000).toISOString(),
    judgeUnsubscribe: () => null,
    goLive: true,
    resume: () => true,
    documents: () => [],
    pageSize: 2,
  };
  /** Every CONNECT payload, also of refused connections. */
  readonly connects: ConnectAuth[] = [];
  /** Every request of every session: name and payload. */
  readonly requests: { readonly name: keyof UpEvents; readonly payload: unknown }[] = [];
  /** Everything that was published, in order: a cursor is a number of these. */
  readonly log: { readonly room: string; readonly event: AnyWireEvent }[];
  readonly searches = new ContractSearches(
    (room, message) => this.#io.to(room).emit('delta', message),
    (name, payload) => this.requests.push({ name, payload }),
  );
  #waiting: Waiting[] = [];
  readonly #http: HttpServer = createServer();
  readonly #io = new Server<UpEvents, DownEvents>(this.#http, { transports: ['websocket'], serveClient: false });

  /** @param log what another server has published, for one that takes its place */
  constructor(log: ContractServer['log'] = []) {
    this.log = log;
    this.#io.use((socket, next) => {
      const auth = socket.handshake.auth as ConnectAuth;
      this.connects.push(auth);
      const refusal = this.options.verify(auth.token) ?? this.#protocolRefusal(auth);
      next(refusal === null ? undefined : Object.assign(new Error(refusal.message), { data: refusal }));
    });
    this.#io.on('connection', (socket) => this.#welcome(socket));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get sockets(): readonly HubSocket[] {
    return [...this.#io.sockets.sockets.values()];
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  send(room: string, ...events: readonly AnyWireEvent[]): void {
    this.log.push(...events.map((event) => ({ room, event })));
    this.#io.to(room).emit('events', { room, events });
  }

  /** Tells everybody how far it has come. */
  tick(): void {
    this.#io.emit('cursor', { cursor: cursorOf(this.log.length) });
  }

  /** Lets those go live that wait for it. */
  release(): void {
    for (const waiting of this.#waiting.splice(0)) this.#goLive(waiting);
  }

  /** Breaks every connection without a word, as a network does. */
  cut(): void {
    for (const socket of this.sockets) socket.conn.close();
  }

  #agreed({ protocol, oldestProtocol = protocol }: ConnectAuth): number | undefined {
    return commonProtocol({ oldest: oldestProtocol, newest: protocol }, this.options.protocols);
  }

  #protocolRefusal(auth: ConnectAuth): WireError | null {
    if (this.#agreed(auth) !== undefined) return null;
    const { oldest, newest } = this.options.protocols;
    const details = { protocol: newest, oldestProtocol: oldest };
    return { code: 'unsupported-protocol', message: 'no version in common', retryable: false, details };
  }

  #welcome(socket: HubSocket): void {
    const auth = socket.handshake.auth as ConnectAuth;
    const { subscriptions = [], cursor } = auth;
    const { welcomes = this.#agreed(auth) ?? 0, expiresAt, features } = this.options;
    socket.emit('welcome', { session: socket.id, protocol: welcomes, features, expiresAt: expiresAt() });
    for (const request of subscriptions) {
      const error = this.options.judge(request);
      if (error !== null) socket.emit('ended', { id: request.id, error });
      else
        this.#begin(socket, cursor === undefined ? request : { cursor, ...request }, (result) =>
          socket.emit('subscribed', result),
        );
    }
    this.#answer(socket);
    this.searches.serve(socket);
  }

  /** As a hub does: says what becomes of it, then what it missed or the snapshot, then `live`. */
  #begin(socket: HubSocket, request: SubscribeRequest, tell: (result: SubscribedResult) => void): void {
    const { id, mode, handle, cursor, since } = request;
    const shown = handle === undefined || cursor === undefined ? undefined : positionOf(cursor);
    const from = since === undefined ? shown : 0;
    const resumed = from === undefined ? undefined : this.options.resume(request);
    const recovered = resumed === true;
    const position = recovered && from !== undefined ? from : this.log.length;
    tell({
      id,
      room: roomOf(request),
      handle: `handle of ${roomOf(request)}`,
      cursor: cursorOf(position),
      recovered,
      ...(typeof resumed === 'string' && { reason: resumed }),
    });
    if (mode === 'view' && !recovered) this.sendSnapshot(socket, request);
    const waiting = { socket, request, position };
    if (this.options.goLive) this.#goLive(waiting);
    else this.#waiting.push(waiting);
  }

  sendSnapshot(socket: HubSocket, request: SubscribeRequest): void {
    const items = this.options.documents(request);
    const { pageSize } = this.options;
    const pages = Math.max(1, Math.ceil(items.length / pageSize));
    for (let page = 0; page < pages; page += 1) {
      const part = items.slice(page * pageSize, (page + 1) * pageSize);
      socket.emit('snapshot', { id: request.id, page, items: part, last: page === pages - 1 });
    }
  }

  #goLive({ socket, request, position }: Waiting): void {
    const room = roomOf(request);
    for (let from = position; from < this.log.length; from += this.options.pageSize) {
      const part = this.log.slice(from, from + this.options.pageSize);
      const events = part.filter((entry) => entry.room === room).map(({ event }) => event);
      socket.emit('replay', { id: request.id, events, cursor: cursorOf(from + part.length) });
    }
    void socket.join(room);
    socket.emit('live', { id: request.id });
  }

  #answer(socket: HubSocket): void {
    socket.on('subscribe', (payload, ack) => {
      this.requests.push({ name: 'subscribe', payload });
      const error = this.options.judge(payload);
      if (error !== null) return ack({ ok: false, error });
      this.#begin(socket, payload, (result) => ack({ ok: true, ...result }));
    });
    socket.on('unsubscribe', (payload, ack) => {
      this.requests.push({ name: 'unsubscribe', payload });
      const error = this.options.judgeUnsubscribe();
      ack(error === null ? { ok: true } : { ok: false, error });
    });
    socket.on('authenticate', (payload, ack) => {
      this.requests.push({ name: 'authenticate', payload });
      const error = this.options.verify(payload.token);
      ack(error === null ? { ok: true, expiresAt: this.options.expiresAt() } : { ok: false, error });
    });
  }
}

/** The cursor behind so many events, as the server seals it; larger positions are later. */
export function cursorOf(position: number): string {
  return `cursor ${position}`;
}

function positionOf(cursor: string): number {
  return Number(cursor.slice('cursor '.length));
}

/** Equal channel, filter and form share a room, as in the hub. */
export function roomOf({ channel, filter, mode = 'events', shape, fields }: Omit<SubscribeRequest, 'id'>): string {
  const form = shape === undefined && fields === undefined ? '' : ` ${shape ?? ''} ${fields?.join(',') ?? ''}`;
  return `${mode} ${channel}?${JSON.stringify(filter ?? {})}${form}`;
}

/** An event that is new to every subscription. */
export function sampleEvent(id: string): AnyWireEvent {
  return { id, kind: 'leave', reason: 'deleted', subject: `urn:example:${id}`, recordedtime: '2026-01-01T00:00:00Z' };
}

/** A document of a view. */
export function sampleItem(name: string, version = 1): WireItem {
  return { entity: sampleEntity(name), document: { version, columns: [{ key: 'k', name: 'email' }] } };
}

/** A hit of a search. */
export function sampleHit(name: string, version = 1): SearchHit {
  return { entity: { ...sampleEntity(name), owners: [`owner ${version}`] } };
}

function sampleEntity(name: string): WireItem['entity'] {
  return {
    urn: `urn:example:${name}`,
    kind: 'asset',
    type: 'table',
    name,
    fqn: null,
    platform: null,
    domain: null,
    owners: [],
    tags: [],
    status: 'active',
  };
}
