/**
 * The load generator: holds all client sockets in a process of its own, counts what each gets, reads some of them
 * whole, and tells its parent how far the slowest is, so that no server is driven past what this side can read.
 */
import { openRawSocket, type RawSocket } from './raw-socket.ts';

/** From the parent. */
export interface LoadOrder {
  readonly port: number;
  readonly sockets: number;
  /** Raw: subscribed by connecting. Socket.IO: sends CONNECT with this payload and waits for `live`. */
  readonly connectAuth?: readonly object[];
  /** Sockets that keep every event id. */
  readonly sampled: number;
  /** `live` messages to wait for on each socket. @default 1 */
  readonly subscriptions?: number;
  /** What `progress` counts: the events of the slowest socket, or those of all together. @default slowest */
  readonly progress?: 'slowest' | 'total';
}

/** To the parent. */
export type LoadReport =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly events: number }
  | { readonly type: 'failed'; readonly reason: string }
  | {
      readonly type: 'result';
      readonly perSocket: readonly { readonly events: number; readonly frames: number; readonly bytes: number }[];
      readonly sampledIds: readonly (readonly string[])[];
      /** Since all sockets were ready. */
      readonly cpuSeconds: number;
    };

interface Client {
  socket: RawSocket;
  /** What its subscription needs to go on later: of the answer to its first CONNECT. */
  position: { readonly handle: string; readonly cursor: string } | undefined;
  /** Its connection goes on from there. */
  readonly resumes: boolean;
  events: number;
  frames: number;
  bytes: number;
  ids: string[] | undefined;
}

const clients: Client[] = [];
const marker = Buffer.from('"recordedtime":');
const reportEveryMs = 5;
const maxOpening = 50;
let reported = 0;
let ready = 0;
let finished = false;
let cpuAtReady = process.cpuUsage();
let order: LoadOrder | undefined;

function report(message: LoadReport, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}

/** Every event carries the marker once: counting it is cheaper than parsing. */
function countEvents(payload: Buffer): number {
  let count = 0;
  for (let at = payload.indexOf(marker); at >= 0; at = payload.indexOf(marker, at + marker.length)) count += 1;
  return count;
}

function idsIn(payload: Buffer): readonly string[] {
  const [, message] = JSON.parse(payload.subarray(payload.indexOf('[')).toString()) as [
    string,
    { readonly events: readonly { readonly id: string }[] },
  ];
  return message.events.map(({ id }) => id);
}

function onEvents(client: Client, payload: Buffer): void {
  client.bytes += payload.length;
  client.frames += 1;
  client.events += countEvents(payload);
  client.ids?.push(...idsIn(payload));
}

/** Tells how far the sockets are, if they have moved. */
function reportProgress(counting: 'slowest' | 'total'): void {
  let events = counting === 'total' ? 0 : Number.POSITIVE_INFINITY;
  for (const client of clients)
    events = counting === 'total' ? events + client.events : Math.min(events, client.events);
  if (events === reported || !Number.isFinite(events)) return;
  reported = events;
  report({ type: 'progress', events });
}

function onReady(order: LoadOrder): void {
  ready += 1;
  if (ready !== order.sockets * (order.subscriptions ?? 1)) return;
  cpuAtReady = process.cpuUsage();
  report({ type: 'ready' });
}

function onSubscribed(client: Client, payload: Buffer): void {
  const [, message] = JSON.parse(payload.subarray(2).toString()) as [
    string,
    { readonly handle: string; readonly cursor: string; readonly recovered: boolean; readonly reason?: string },
  ];
  client.position ??= { handle: message.handle, cursor: message.cursor };
  if (client.resumes && !message.recovered) report({ type: 'failed', reason: `not recovered: ${message.reason}` });
}

/** On a second connection each subscription goes on from where the first began. */
function authOf({ position }: Client, index: number, { connectAuth = [{}] }: LoadOrder): object {
  const auth = connectAuth[index % connectAuth.length] as { readonly subscriptions?: readonly object[] };
  return { ...auth, subscriptions: auth.subscriptions?.map((each) => ({ ...each, ...position })) };
}

/** All connections break, and come again. What was counted before is forgotten. */
async function reconnectAll(again: LoadOrder): Promise<void> {
  finished = true;
  for (const { socket } of clients) socket.close();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  finished = false;
  ready = 0;
  await openAll(again);
}

function onSocketIo(client: Client, payload: Buffer, index: number, order: LoadOrder): void {
  const start = payload.subarray(0, 12).toString('latin1');
  if (start.startsWith('42["events"') || start.startsWith('42["replay"')) onEvents(client, payload);
  else if (start.startsWith('42["subscrib')) onSubscribed(client, payload);
  else if (start.startsWith('0')) client.socket.send(`40${JSON.stringify(authOf(client, index, order))}`);
  else if (start === '2') client.socket.send('3');
  else if (start.startsWith('42["live"')) onReady(order);
  else if (start.startsWith('44') || start.startsWith('42["ended'))
    report({ type: 'failed', reason: payload.toString() });
}

/** Resolves when the server has taken the connection, or will not. */
function openClient(order: LoadOrder, index: number): Promise<void> {
  return new Promise((resolve) => connectClient(order, index, resolve));
}

function connectClient(order: LoadOrder, index: number, onTaken: () => void): void {
  const client: Client = {
    socket: undefined as unknown as RawSocket,
    position: clients[index]?.position,
    resumes: clients[index]?.position !== undefined,
    events: 0,
    frames: 0,
    bytes: 0,
    ids: index < order.sampled ? [] : undefined,
  };
  clients[index] = client;
  const socketIo = order.connectAuth !== undefined;
  client.socket = openRawSocket({
    port: order.port,
    path: socketIo ? '/socket.io/?EIO=4&transport=websocket' : '/',
    onOpen: () => {
      onTaken();
      if (!socketIo) onReady(order);
    },
    onMessage: (payload) => (socketIo ? onSocketIo(client, payload, index, order) : onEvents(client, payload)),
    onClose: (reason) => {
      onTaken();
      if (!finished && clients[index] === client) report({ type: 'failed', reason: `socket ${index}: ${reason}` });
    },
  });
}

/** Never more at once than a listen backlog holds: what does not fit is not refused, but waits for minutes. */
async function openAll(order: LoadOrder): Promise<void> {
  for (let start = 0; start < order.sockets; start += maxOpening) {
    const count = Math.min(maxOpening, order.sockets - start);
    await Promise.all(Array.from({ length: count }, (_, index) => openClient(order, start + index)));
  }
}

process.on('message', (message: LoadOrder | 'reconnect' | 'finish') => {
  if (message === 'reconnect') return order === undefined ? undefined : void reconnectAll(order);
  if (message !== 'finish') {
    order = message;
    setInterval(() => reportProgress(message.progress ?? 'slowest'), reportEveryMs).unref();
    void openAll(message);
    return undefined;
  }
  finished = true;
  const { user, system } = process.cpuUsage(cpuAtReady);
  const result: LoadReport = {
    type: 'result',
    perSocket: clients.map(({ events, frames, bytes }) => ({ events, frames, bytes })),
    sampledIds: clients.flatMap(({ ids }) => (ids === undefined ? [] : [ids])),
    cpuSeconds: (user + system) / 1e6,
  };
  return report(result, () => {
    for (const { socket } of clients) socket.close();
    process.disconnect();
  });
});
