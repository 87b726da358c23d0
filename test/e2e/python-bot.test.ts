import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import type { WireEvent } from '../../channels/protocol/down.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { pythonWithRequirements } from '../harness/python.ts';

const example = fileURLToPath(new URL('../../examples/python-bot', import.meta.url));

const python = await pythonWithRequirements().catch((error: Error) => error);
const missing = python instanceof Error ? `no Python with the requirements of the bot: ${python.message}` : undefined;

describe.skipIf(missing !== undefined && process.env['CI'] !== 'true')('the Python bot', () => {
  const folder = scratchFolder();
  const writer = tokenFor({ roles: ['writer'] });
  let options: HubProcessOptions;
  let hub: HubProcess;
  let bot: ChildProcess;
  let out = '';
  let err = '';

  const events = (): readonly WireEvent[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as WireEvent);
  const lives = (): number => err.match(/^\["live", /gm)?.length ?? 0;
  const ingest = async (id: string, subject: string, description: string): Promise<void> => {
    const data = { asset: { type: 'table', name: subject, description } };
    expect(
      await postCloudEvent(hub.url, 'events', writer, { id, type: 'gov.asset.updated', subject, data }),
    ).toMatchObject({ status: 200 });
  };

  beforeAll(async () => {
    if (python instanceof Error) throw new Error(missing);
    options = {
      dataDir: folder.path,
      file: {
        connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
        policy: {
          version: 1,
          roles: { bot: [{ allow: 'read', where: { name: { $startsWith: 'seen' } } }], writer: [{ allow: 'ingest' }] },
        },
      },
      environment: { PURSIGHT_PORT: String(await freePort()) },
    };
    hub = await startHubProcess(options);
    const environment = {
      ...process.env,
      PURSIGHT_URL: hub.url,
      PURSIGHT_TOKEN: tokenFor({ sub: 'bot', roles: ['bot'] }),
    };
    bot = spawn(python, [join(example, 'bot.py'), 'assets'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    bot.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    bot.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await eventually(() => expect(lives()).toBe(1));
  });

  afterAll(async () => {
    bot?.kill();
    await hub?.stop();
    folder.remove();
  });

  it('prints each event that its token may see, in order', async () => {
    await ingest('0', 'hidden', '0');
    for (let index = 1; index <= 20; index++) await ingest(String(index), 'seen', String(index));
    await eventually(() => expect(events()).toHaveLength(20));
    expect(events().map((event) => event.kind)).toEqual(['enter', ...Array.from({ length: 19 }, () => 'update')]);
    const texts = events().flatMap((event) =>
      event.kind === 'update' ? Object.values(event.changes).map((change) => change.new) : [],
    );
    expect(texts).toEqual(Array.from({ length: 19 }, (_, index) => String(index + 2)));
  });

  it('is live again after the hub was restarted', { timeout: 60_000 }, async () => {
    await hub.stop();
    hub = await startHubProcess(options);
    await eventually(() => expect(lives()).toBe(2), { timeoutMs: 30_000 });
    await ingest('after', 'seen-after', 'after');
    await eventually(() =>
      expect(events().at(-1)).toMatchObject({ kind: 'enter', subject: 'urn:gov:bank:seen-after' }),
    );
    expect(events()).toHaveLength(21);
  });
});
