import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import type { DownEvents, WireEvent } from '../../channels/protocol/down.ts';
import type { WireError } from '../../channels/protocol/hub-error.ts';
import type { ConnectAuth, SubscribeRequest, UpEvents } from '../../channels/protocol/up.ts';

type HubSocket = Socket<UpEvents, DownEvents>;

/** What a test can decide; everything is allowed unless it says otherwise. */
export interface ContractServerOptions {
  /** Null lets the token in. */
  verify: (token: string) => WireError | null;
  /** Null accepts the subscription. */
  judge: (request: SubscribeRequest) => WireError | null;
  expiresAt: () => string;
  /** Null accepts. */
  judgeUnsubscribe: () => WireError | null;
  /** While false, a welcomed session gets no `live`. */
  goLive: boolean;
}

/** The server side of the wire protocol on the real Socket.IO server, without a catalog behind it. */
export class ContractServer {
  readonly options: ContractServerOptions = {
    verify: () => null,
    judge: () => null,
    expiresAt: () => new Date(Date.now() + 3_600_000).toISOString(),
    judgeUnsubscribe: () => null,
    goLive: true,
  };
  /** Every CONNECT payload, also of refused connections. */
  readonly connects: ConnectAuth[] = [];
  /** Every request of every session: name and payload. */
  readonly requests: { readonly name: keyof UpEvents; readonly payload: unknown }[] = [];
  readonly #http: HttpServer = createServer();
  readonly #io = new Server<UpEvents, DownEvents>(this.#http, { transports: ['websocket'], serveClient: false });

  constructor() {
    this.#io.use((socket, next) => {
      const auth = socket.handshake.auth as ConnectAuth;
      this.connects.push(auth);
      const refusal = this.options.verify(auth.token);
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

  send(room: string, ...events: readonly WireEvent[]): void {
    this.#io.to(room).emit('events', { room, events });
  }

  /** Breaks every connection without a word, as a network does. */
  cut(): void {
    for (const socket of this.sockets) socket.conn.close();
  }

  #welcome(socket: HubSocket): void {
    const { subscriptions = [] } = socket.handshake.auth as ConnectAuth;
    socket.emit('welcome', { session: socket.id, protocol: 1, expiresAt: this.options.expiresAt() });
    for (const request of subscriptions) {
      const error = this.options.judge(request);
      if (error !== null) socket.emit('ended', { id: request.id, error });
      else socket.emit('subscribed', { id: request.id, room: join(socket, request) });
      if (error === null) this.#live(socket, request.id);
    }
    this.#answer(socket);
  }

  #answer(socket: HubSocket): void {
    socket.on('subscribe', (payload, ack) => {
      this.requests.push({ name: 'subscribe', payload });
      const error = this.options.judge(payload);
      if (error !== null) return ack({ ok: false, error });
      ack({ ok: true, id: payload.id, room: join(socket, payload) });
      this.#live(socket, payload.id);
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

  #live(socket: HubSocket, id: string): void {
    if (this.options.goLive) socket.emit('live', { id });
  }
}

/** Equal channel and filter share a room, as in the hub. */
export function roomOf({ channel, filter }: Omit<SubscribeRequest, 'id'>): string {
  return `${channel}?${JSON.stringify(filter ?? {})}`;
}

function join(socket: HubSocket, request: SubscribeRequest): string {
  const room = roomOf(request);
  void socket.join(room);
  return room;
}

/** An event that is new to every subscription. */
export function sampleEvent(id: string): WireEvent {
  return { id, kind: 'leave', reason: 'deleted', subject: `urn:example:${id}`, recordedtime: '2026-01-01T00:00:00Z' };
}
