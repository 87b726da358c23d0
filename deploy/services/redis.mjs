import { canRun, startServer } from './process.mjs';

/** A Redis that keeps nothing on disk. */
export const redis = {
  name: 'redis',
  variable: 'PURSIGHT_TEST_REDIS_URL',
  port: 16379,
  readyTimeoutMs: 20_000,
  url: (port) => `redis://127.0.0.1:${port}`,
  packages: { redis: ['redis-server', ['--version'], 'redis-server'] },

  async obtain() {
    if (!(await canRun('redis-server'))) throw new Error('redis-server is not installed');
  },

  async start(port, dir) {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
    return startServer('redis-server', args, dir);
  },

  async probe(url) {
    const { Redis } = await import('ioredis');
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  },
};
