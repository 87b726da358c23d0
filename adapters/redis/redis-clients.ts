import { Redis } from 'ioredis';

/** Two connections: Redis allows a connection that is subscribed nothing else. */
export interface RedisClients {
  readonly pub: Redis;
  readonly sub: Redis;
  /** `pub` and `sub` for code that does not await their promises: what fails is counted and never rejects. */
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

function quiet(client: Redis, onFault: (error: Error) => void): Redis {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (typeof name !== 'string' || !unawaited.has(name)) return member.bind(target);
      return (...args: unknown[]) => (Reflect.apply(member, target, args) as Promise<unknown>).catch(onFault);
    },
  });
}
