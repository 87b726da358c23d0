import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { envoyMissing, startEnvoy } from '../harness/envoy.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { nginxMissing, startNginx } from '../harness/nginx.ts';
import type { Proxy } from '../harness/proxy.ts';
import { record, type Recorder } from '../harness/recorder.ts';
import { runCli } from '../harness/run-cli.ts';
import { type ForeignClient, startForeignClient, startTokenServer, type TokenServer } from './foreign-client.ts';
import { byHeartbeat, runtimes } from './runtimes.ts';

const path = '/hub';
const proxies = [
  {
    proxy: 'nginx',
    missing: nginxMissing,
    start: (port: number) => startNginx({ 'hub-1': port, 'hub-2': port }, path),
  },
  { proxy: 'Envoy', missing: envoyMissing, start: (port: number) => startEnvoy({ 'hub-1': port, 'hub-2': port }) },
];
const inCi = process.env['CI'] === 'true';
const patient = { timeoutMs: 40_000, everyMs: 50 };
const admin = tokenFor({ sub: 'admin', roles: ['admin'] });
let serial = 0;

for (const { proxy, missing, start } of proxies) {
  const title = missing === undefined || inCi ? `under a path, by ${proxy}` : `by ${proxy} (skipped: ${missing})`;
  describe.skipIf(missing !== undefined && !inCi)(title, () => {
    const folder = scratchFolder();
    let options: HubProcessOptions;
    let hub: HubProcess;
    let front: Proxy;
    let tokens: TokenServer;
    let url: string;

    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing);
      const port = await freePort();
      options = {
        dataDir: folder.path,
        file: {
          connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
          policy: { version: 1, roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }] } },
        },
        environment: { PURSIGHT_PORT: String(port), PURSIGHT_TRUSTED_PROXIES: '1' },
      };
      hub = await startHubProcess(options);
      front = await start(port);
      tokens = await startTokenServer(() => tokenFor({ sub: 'foreign', roles: ['admin'] }));
      url = `${front.url}${path}`;
    });
    afterAll(async () => {
      tokens?.close();
      await front?.stop();
      await hub?.stop();
      folder.remove();
    });

    /** Sent by the proxy, too. */
    const change = async (): Promise<string> => {
      const subject = `t-${(serial += 1)}`;
      const event = {
        id: subject,
        type: 'gov.asset.created',
        subject,
        data: { asset: { type: 'table', name: subject } },
      };
      await eventually(
        async () => expect(await postCloudEvent(url, 'events', admin, event)).toMatchObject({ status: 200 }),
        patient,
      );
      return `urn:gov:bank:${subject}`;
    };

    it('the HTTP API and the command line work, and numbers of the node are not shown', async () => {
      expect((await callApi(url, '/readyz')).status).toBe(200);
      expect((await callApi(url, '/metrics')).status).toBe(404);
      await change();
      const { code, out, err } = await runCli(['sessions', 'list', '--url', url, '--token', admin]);
      expect(code, out + err).toBe(0);
    });

    it.each(['', '/'])(
      'D2: the client library goes on after a restart of the hub; its address ends in "hub%s"',
      async (end) => {
        const client: Recorder = await record({ name: 'sdk', url: `${url}${end}`, token: admin, channel: 'assets' });
        try {
          const subjects = [await change()];
          await eventually(() => expect(client.events.map(({ subject }) => subject)).toEqual(subjects), patient);
          await hub.stop('SIGKILL');
          hub = await startHubProcess(options);
          subjects.push(await change());
          await eventually(() => expect(client.events.map(({ subject }) => subject)).toEqual(subjects), patient);
          expect(client.gaps).toEqual([]);
        } finally {
          client.close();
        }
      },
    );

    const here = Object.entries(runtimes).filter(([, each]) => inCi || !(each instanceof Error));
    it.each(here)('%s comes in, and again after a restart of the hub', async (name, runtime) => {
      if (runtime instanceof Error) throw runtime;
      const client: ForeignClient = startForeignClient(runtime, { HUB_URL: url, TOKEN_URL: tokens.url });
      const isLive = (times: number): Promise<void> =>
        eventually(
          () => expect(client.count('live'), JSON.stringify(client.said.slice(-3))).toBeGreaterThanOrEqual(times),
          patient,
        );
      try {
        await isLive(1);
        await client.got(await change());
        if (byHeartbeat.has(name)) return;
        await hub.stop();
        hub = await startHubProcess(options);
        await isLive(2);
        await client.got(await change());
      } finally {
        client.stop();
      }
    });
  });
}
