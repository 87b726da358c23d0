import { asError } from '../../channels/base/thrown.ts';
import { Redis } from 'ioredis';

/** Two connections: Redis allows a connection that is subscribed nothing else. */
export interface RedisClients {
  readonly pub: Redis;
  readonly sub: Redis;
  /**
   * `pub` and `sub` for code that neither awaits their promises nor expects foreign messages: what fails, or throws in one
   * of its listeners, is told to `onFault` and goes no further.
   */
  readonly quietPub: Redis;
  readonly quietSub: Redis;
}

const commandTimeoutMs = 2000;
const reconnectMaxMs = 2000;

// Called without anybody looking at the result, so a rejection would end the process.
const unawaited = new Set(['publish', 'spublish', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe']);

/**
 * Opens both connections in the background. They reconnect for ever.
 *
 * - `pub` fails fast: nothing waits in a queue for a Redis that is away, because a control message is worth nothing
 *   later, and the queue has no bound.
 * - `sub` never gives a subscription up; it is made again on every connection.
 */
export function openRedisClients(url: string, onFault: (error: Error) => void): RedisClients {
  const common = {
    connectTimeout: 5000,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), reconnectMaxMs),
  };
  const pub = new Redis(url, {
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
  });
  const sub = new Redis(url, { ...common, maxRetriesPerRequest: null });
  for (const client of [pub, sub]) client.on('error', onFault);
  return { pub, sub, quietPub: quiet(pub, onFault), quietSub: quiet(sub, onFault) };
}

type Listener = (...args: unknown[]) => unknown;

/** A listener that throws would end the process: any client of Redis could do that to all nodes at once. */
function guarded(listener: Listener, onFault: (error: Error) => void): Listener {
  return (...args) => {
    try {
      return listener(...args);
    } catch (error) {
      return onFault(asError(error));
    }
  };
}

function quiet(client: Redis, onFault: (error: Error) => void): Redis {
  const guards = new WeakMap<Listener, Listener>();
  const guardOf = (listener: Listener): Listener => {
    const known = guards.get(listener) ?? guarded(listener, onFault);
    guards.set(listener, known);
    return known;
  };
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (name === 'on' || name === 'off')
        return (event: string, listener: Listener) => target[name](event, guardOf(listener));
      if (typeof name !== 'string' || !unawaited.has(name)) return member.bind(target);
      return (...args: unknown[]) => Promise.resolve(Reflect.apply(member, target, args)).catch(onFault);
    },
  });
}
