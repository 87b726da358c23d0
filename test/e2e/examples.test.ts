import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });

interface Started {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
}

function start(file: string, args: readonly string[], environment: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return { child, out: () => out, err: () => err };
}

describe('examples against a development hub', () => {
  const folder = scratchFolder();
  let hub: HubProcess;

  beforeAll(async () => {
    hub = await startHubProcess({ dataDir: folder.path });
  });

  afterAll(async () => {
    await hub?.stop();
    folder.remove();
  });

  it('node-listener.ts prints what happens on its channel, and ends when asked to', async () => {
    const listener = start('examples/node-listener.ts', ['classification:pii/*'], {
      PURSIGHT_URL: hub.url,
      PURSIGHT_TOKEN: tokenFor({ tenant: 'demo', roles: ['steward'] }),
    });
    const ended = new Promise<number | null>((resolve) => listener.child.once('close', resolve));
    await eventually(() => expect(listener.err()).toContain('[live]'));
    for (const [subject, classifications] of [
      ['plain', []],
      ['tagged', ['pii/email']],
    ] as const) {
      const asset = { type: 'table', name: subject, classifications };
      expect(
        await postCloudEvent(hub.url, 'events', admin, {
          id: subject,
          type: 'gov.asset.created',
          subject,
          data: { asset },
        }),
      ).toMatchObject({ status: 200 });
    }
    await eventually(() =>
      expect(listener.out()).toMatch(/^\S+Z enter gov\.asset\.created\.v1 urn:gov:demo:tagged\n$/),
    );
    listener.child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(listener.err()).not.toMatch(/invalid|unreachable|Error/);
  });

  it('node-listener.ts says why it is refused', async () => {
    const listener = start('examples/node-listener.ts', [], { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: 'garbage' });
    const code = await new Promise<number | null>((resolve) => listener.child.once('close', resolve));
    expect(listener.err()).toContain('unauthenticated: ');
    expect(code).not.toBe(0);
  });

  it('node-view.ts prints how many there are, and what is new', async () => {
    const table = (subject: string): object => ({
      id: `view-${subject}`,
      type: 'gov.asset.created',
      subject,
      data: { asset: { type: 'table', name: subject, domain: 'view' } },
    });
    await postCloudEvent(hub.url, 'events', admin, table('early'));
    const viewer = start('examples/node-view.ts', ['domain:view'], { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: admin });
    const ended = new Promise<number | null>((resolve) => viewer.child.once('close', resolve));
    await eventually(() => expect(viewer.err()).toContain('[live, 1 tables]'));
    await postCloudEvent(hub.url, 'events', admin, table('late'));
    await eventually(() => expect(viewer.out()).toBe('1 early\n2 late\n'));
    viewer.child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it.each([
    ['bank.cloudevents.ndjson', 'events', 'application/cloudevents-batch+json'],
    ['bank.atlas.ndjson', 'atlas', 'application/json'],
  ])('every line of feed/%s is taken in', async (name, connector, contentType) => {
    const lines = readFileSync(`${root}examples/feed/${name}`, 'utf8').trim().split('\n');
    const posted = await callApi(hub.url, `/v1/ingest/${connector}`, {
      token: admin,
      body: `[${lines.join(',')}]`,
      headers: { 'content-type': contentType },
    });
    expect(posted).toMatchObject({ status: 200, body: { duplicates: 0, rejected: [] } });
    const { accepted } = posted.body as { accepted: number };
    expect(accepted).toBe(lines.length);
  });
});
