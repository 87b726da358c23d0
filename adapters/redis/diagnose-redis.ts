import { Redis } from 'ioredis';
import { messageOf } from '../../channels/base/thrown.ts';
import type { Check } from '../../channels/ports/check.ts';

const connectTimeoutMs = 3000;
const oldestTestedMajor = 6;

function versionOf(info: string): string {
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
}

function versionCheck(version: string): Check {
  const found = `reachable, version ${version}`;
  if (Number.parseInt(version, 10) >= oldestTestedMajor) return { name: 'redis', state: 'ok', found };
  return {
    name: 'redis',
    state: 'warn',
    found,
    fix: `use Redis ${oldestTestedMajor} or newer; older ones are not tested`,
  };
}

/** Looks at Redis. Never throws. */
export async function* diagnoseRedis({ url }: { readonly url: string }): AsyncGenerator<Check> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let reason = '';
  client.on('error', (error) => (reason = error.message));
  try {
    await client.connect();
    yield versionCheck(versionOf(await client.info('server')));
  } catch (error) {
    const fix =
      'correct PURSIGHT_REDIS_URL, and see that Redis listens there; without it disconnects and presence stop at the node';
    yield {
      name: 'redis',
      state: 'fail',
      found: `cannot use it: ${reason === '' ? messageOf(error) : reason}`,
      fix,
    };
  } finally {
    client.disconnect();
  }
}
