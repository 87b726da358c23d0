import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { mixedPolicy } from '../harness/reconcile/mixed-clients.ts';
import { scratchFolder, testSecrets } from '../harness/hub-process.ts';
import { followDockerfile, type ImageFolder } from '../harness/image-steps.ts';

const run = promisify(execFile);
const context = fileURLToPath(new URL('../..', import.meta.url));
const folder = scratchFolder();
const isRoot = process.getuid?.() === 0;
/** Has no rights anywhere, if the tests may change users. */
const user = isRoot ? 65_534 : (process.getuid?.() ?? 0);
const [, major] = /^FROM node:(\d+)/m.exec(readFileSync(join(context, 'Dockerfile'), 'utf8')) ?? [];
let image: ImageFolder;

afterAll(() => folder.remove());

function filesOf(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' });
}

// as long as building an image takes, so only with the Node.js that it has: `npm run test:matrix` does
describe.skipIf(process.versions.node.split('.')[0] !== major)('the image of the Dockerfile', () => {
  beforeAll(async () => {
    chmodSync(folder.path, 0o755);
    image = await followDockerfile({ context, scratch: folder.path, paths: ['/app', '/data'], nodeUser: user });
  }, 480_000);

  it('holds what runs and nothing else', () => {
    const app = join(image.root, 'app');
    expect(readdirSync(app).toSorted()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
    expect(filesOf(join(app, 'dist')).filter((path) => /\.test\.|tsbuildinfo|\.env/.test(path))).toEqual([]);
    const modules = readdirSync(join(app, 'node_modules'));
    expect(modules).toContain('socket.io');
    for (const tool of ['typescript', 'vitest', 'oxlint', 'tsdown', '@pursight']) expect(modules).not.toContain(tool);
  });

  it('has only the binaries of this system', () => {
    const binaries = filesOf(join(image.root, 'app/node_modules')).filter((path) => path.endsWith('.node'));
    expect(binaries.some((path) => path.includes('lmdb'))).toBe(true);
    expect(binaries.filter((path) => /darwin|win32|musl/.test(path))).toEqual([]);
    const engines = binaries.filter((path) => /uws_/.test(path));
    // there is none for every version of Node.js
    expect(engines.length).toBeLessThanOrEqual(1);
    for (const path of engines) expect(path).toContain(`_${process.arch}_${process.versions.modules}.node`);
  });

  it('serves as a user without rights, is healthy, and ends when asked to', { timeout: 60_000 }, async () => {
    const port = await freePort();
    const [program, ...args] = image.command;
    const [, ...check] = image.healthcheck;
    expect(program).toBe('node');
    // that of the tests may be where the user must not look
    const node = join(folder.path, 'node');
    copyFileSync(process.execPath, node);
    const home = join(folder.path, 'home');
    mkdirSync(home);
    const config = join(folder.path, 'hub.yaml');
    writeFileSync(config, stringify({ policy: mixedPolicy, connectors: [] }));
    if (isRoot) chownSync(home, user, user);
    const env = {
      ...image.environment,
      PATH: process.env['PATH'],
      HOME: home,
      PURSIGHT_ENV: 'production',
      PURSIGHT_CONFIG: config,
      PURSIGHT_HOST: '127.0.0.1',
      PURSIGHT_PORT: String(port),
      PURSIGHT_JWT_SECRET: testSecrets.jwt,
      PURSIGHT_SECRET: testSecrets.hub,
    };
    const hub = spawn(node, args, {
      env,
      cwd: home,
      uid: user,
      gid: user,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [hub.stdout, hub.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(hub, 'exit');
    try {
      await eventually(() => expect(said).toContain(`hub ready http://127.0.0.1:${port}`), { timeoutMs: 30_000 });
      await run(node, check, { env, uid: user, gid: user });
      // all that it wrote
      expect(readdirSync(join(image.root, 'data')).length).toBeGreaterThan(0);
      expect(readdirSync(home)).toEqual([]);
    } finally {
      hub.kill('SIGTERM');
    }
    expect(await ended, said).toEqual([0, null]);
    // a health check that cannot fail would be none
    await expect(run(node, check, { env })).rejects.toMatchObject({ code: 1 });
    expect(existsSync(join(image.root, 'app/data'))).toBe(false);
  });
});
