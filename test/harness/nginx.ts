import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from './eventually.ts';

const shipped = fileURLToPath(new URL('../../deploy/nginx/nginx.conf', import.meta.url));

/** Why nginx cannot run here; undefined when it can. With `CI=true` it must. */
export const nginxMissing: string | undefined = (await ends(['-v']))
  ? undefined
  : 'nginx is not installed (npm run services -- up --install)';

export interface Nginx {
  readonly url: string;
  /** What it wrote to its error log. */
  log(): string;
  stop(): Promise<void>;
}

async function ends(args: readonly string[]): Promise<boolean> {
  const child = spawn('nginx', args, { stdio: 'ignore' });
  return once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
}

async function assertListening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
}

/** Real nginx with the configuration that the project ships: only addresses and folders are others. */
export async function startNginx(nodes: Readonly<Record<'hub-1' | 'hub-2', number>>): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'pursight-nginx-'));
  // its workers are another user
  chmodSync(folder, 0o755);
  const port = await freePort();
  const text = readFileSync(shipped, 'utf8')
    .replaceAll('/tmp/', `${folder}/`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll(/(hub-[12]):8080/g, (_, node: 'hub-1' | 'hub-2') => `127.0.0.1:${nodes[node]}`);
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, text);
  const child = spawn('nginx', ['-c', config, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = once(child, 'close');
  await Promise.race([
    eventually(() => assertListening(port)),
    ended.then(([code]) => Promise.reject(new Error(`nginx ended with ${code}:\n${log}`))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
