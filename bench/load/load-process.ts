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
      readonly cpuSeconds: number;
    };

interface Client {
  socket: RawSocket;
  events: number;
  frames: number;
  bytes: number;
  ids: string[] | undefined;
}

const clients: Client[] = [];
const marker = Buffer.from('"recordedtime":');
const reportEveryMs = 5;
let reported = 0;
let ready = 0;
let finished = false;

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
  if (ready === order.sockets * (order.subscriptions ?? 1)) report({ type: 'ready' });
}

function onSocketIo(client: Client, payload: Buffer, index: number, order: LoadOrder): void {
  const start = payload.subarray(0, 12).toString('latin1');
  if (start.startsWith('42["events"')) onEvents(client, payload);
  else if (start.startsWith('0'))
    client.socket.send(`40${JSON.stringify(order.connectAuth?.[index % (order.connectAuth?.length ?? 1)] ?? {})}`);
  else if (start === '2') client.socket.send('3');
  else if (start.startsWith('42["live"')) onReady(order);
  else if (start.startsWith('44') || start.startsWith('42["ended'))
    report({ type: 'failed', reason: payload.toString() });
}

function openClient(order: LoadOrder, index: number): void {
  const client: Client = {
    socket: undefined as unknown as RawSocket,
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
      if (!socketIo) onReady(order);
    },
    onMessage: (payload) => (socketIo ? onSocketIo(client, payload, index, order) : onEvents(client, payload)),
    onClose: (reason) => {
      if (!finished) report({ type: 'failed', reason: `socket ${index}: ${reason}` });
    },
  });
}

async function openAll(order: LoadOrder): Promise<void> {
  for (let index = 0; index < order.sockets; index++) {
    openClient(order, index);
    // a listen backlog is finite
    if (index % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

process.on('message', (message: LoadOrder | 'finish') => {
  if (message !== 'finish') {
    setInterval(() => reportProgress(message.progress ?? 'slowest'), reportEveryMs).unref();
    void openAll(message);
    return;
  }
  finished = true;
  const { user, system } = process.cpuUsage();
  const result: LoadReport = {
    type: 'result',
    perSocket: clients.map(({ events, frames, bytes }) => ({ events, frames, bytes })),
    sampledIds: clients.flatMap(({ ids }) => (ids === undefined ? [] : [ids])),
    cpuSeconds: (user + system) / 1e6,
  };
  report(result, () => {
    for (const { socket } of clients) socket.close();
    process.disconnect();
  });
});
