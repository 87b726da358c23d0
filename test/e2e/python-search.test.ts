import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
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

const example = fileURLToPath(new URL('../../examples/python-bot/search.py', import.meta.url));
const python = await pythonWithRequirements().catch((error: Error) => error);
const missing =
  python instanceof Error ? `no Python with the requirements of the example: ${python.message}` : undefined;

describe.skipIf(missing !== undefined && process.env['CI'] !== 'true')('the Python search', () => {
  const folder = scratchFolder();
  const writer = tokenFor({ roles: ['writer'] });
  let options: HubProcessOptions;
  let hub: HubProcess;
  let search: ChildProcess;
  let [out, err] = ['', ''];

  const last = (): unknown => JSON.parse(out.trim().split('\n').at(-1) ?? '');
  let serial = 0;
  const post = async (type: string, subject: string, data: object): Promise<void> =>
    expect(await postCloudEvent(hub.url, 'events', writer, { id: `p${++serial}`, type, subject, data })).toMatchObject({
      status: 200,
    });
  const create = (name: string): Promise<void> => post('gov.asset.created', name, { asset: { type: 'table', name } });

  beforeAll(async () => {
    if (python instanceof Error) throw new Error(missing);
    options = {
      dataDir: folder.path,
      file: {
        connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
        policy: {
          version: 1,
          roles: {
            reader: [{ allow: 'read' }, { deny: 'read', where: { name: { $startsWith: 'hidden' } } }],
            writer: [{ allow: 'ingest' }],
          },
        },
      },
      environment: { PURSIGHT_PORT: String(await freePort()) },
    };
    hub = await startHubProcess(options);
    await create('hidden_orders');
    await create('orders_b');
    const environment = { ...process.env, PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: tokenFor({ roles: ['reader'] }) };
    search = spawn(python, [example, 'ordres'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    search.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    search.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await eventually(() => expect(last()).toEqual({ total: 1, hits: ['orders_b'] }));
  });

  afterAll(async () => {
    search?.kill();
    await hub?.stop();
    folder.remove();
  });

  it('prints its result again with each change that its token may see', async () => {
    await create('my_orders');
    await eventually(() =>
      expect(last()).toEqual({ total: 2, hits: expect.arrayContaining(['orders_b', 'my_orders']) }),
    );
    await post('gov.asset.updated', 'my_orders', { asset: { type: 'table', name: 'orders' } });
    await create('hidden_orders_2');
    await eventually(() =>
      expect(last()).toMatchObject({ total: 2, hits: expect.arrayContaining(['orders', 'orders_b']) }),
    );
    await post('gov.asset.deleted', 'orders_b', {});
    await eventually(() => expect(last()).toEqual({ total: 1, hits: ['orders'] }));
    expect(out + err).not.toContain('hidden');
  });

  it('is right again after the hub was restarted', { timeout: 60_000 }, async () => {
    await hub.stop();
    hub = await startHubProcess(options);
    await create('orders_after');
    await eventually(
      () => expect(last()).toMatchObject({ total: 2, hits: expect.arrayContaining(['orders', 'orders_after']) }),
      {
        timeoutMs: 30_000,
      },
    );
    expect(err).not.toContain('Traceback');
  });
});
