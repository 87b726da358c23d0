/*
 * What Socket.IO and engine.io leave of a handshake, made as small as it is: as many of these wait as there are
 * connections. An array that was pushed to has room for 17, and a table of listeners that grew by itself is a hash
 * table; together that was a tenth of what an idle session takes (`npm run bench:memory -- --classes`).
 */
import type { Socket } from 'socket.io';

/** Fields of both libraries that are nobody's interface; each is left alone where it is not what it was. */
interface Emitting {
  _events?: Record<string | symbol, unknown>;
}
interface Internals extends Emitting {
  acks?: Map<number, unknown>;
  _anyListeners?: unknown;
  readonly client?: { readonly decoder?: { readonly _callbacks?: Record<string, unknown> } };
  readonly conn?: Emitting & { cleanupFn?: unknown; readonly transport?: Emitting };
}

/** Listeners by event, without a prototype as Node keeps them; instances of one class share their shape. */
class Listeners {
  [event: string | symbol]: unknown;
}
Object.setPrototypeOf(Listeners.prototype, null);
Reflect.deleteProperty(Listeners.prototype, 'constructor');

/** The hub asks no client for an acknowledgement. */
const noAcks = new Map<number, unknown>();

/** As long as it is: `slice` takes no more than that. Newer versions of Node keep notes of their own at a list of listeners. */
function trimmed(value: unknown): unknown {
  return Array.isArray(value) ? Object.assign(value.slice(), value) : value;
}

function trimListeners(emitting: Emitting | undefined): void {
  const events = emitting?._events;
  if (emitting === undefined || events === undefined) return;
  const listeners = new Listeners();
  for (const event of Reflect.ownKeys(events)) listeners[event] = trimmed(events[event]);
  emitting._events = listeners;
}

/** Call it once everything listens. */
export function trimConnection(socket: Socket): void {
  const internals = socket as unknown as Internals;
  const { conn, client } = internals;
  trimListeners(internals);
  trimListeners(conn);
  trimListeners(conn?.transport);
  const callbacks = client?.decoder?._callbacks;
  if (callbacks !== undefined) for (const name of Object.keys(callbacks)) callbacks[name] = trimmed(callbacks[name]);
  if (internals._anyListeners !== undefined) internals._anyListeners = trimmed(internals._anyListeners);
  if (conn?.cleanupFn !== undefined) conn.cleanupFn = trimmed(conn.cleanupFn);
  if (internals.acks?.size === 0) internals.acks = noAcks;
}
