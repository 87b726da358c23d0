import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import type { BrowserPage } from '../harness/browser-page.ts';
import { eventually } from '../harness/eventually.ts';
import { firefoxMissing, launchFirefox } from '../harness/firefox.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { type PageServer, startPageServer } from '../harness/page-server.ts';
import { launchWebkit, webkitMissing } from '../harness/webkit.ts';

const browsers = [
  { name: 'Firefox ESR', missing: firefoxMissing, launch: launchFirefox, agent: /Gecko\/.*Firefox/ },
  { name: 'WebKitGTK', missing: webkitMissing, launch: launchWebkit, agent: /AppleWebKit(?!.*Chrome)/ },
];
const inCi = process.env['CI'] === 'true';
const writer = tokenFor({ roles: ['writer'] });
const patient = { timeoutMs: 30_000, everyMs: 50 };
/** Short enough that a page must refresh during the test. */
const tokenTtlSeconds = 4;

for (const { name, missing, launch, agent } of browsers) {
  const title = missing === undefined || inCi ? `a page in ${name}` : `a page in ${name} (skipped: ${missing})`;
  describe.skipIf(missing !== undefined && !inCi)(title, () => {
    const folder = scratchFolder();
    let options: HubProcessOptions;
    let hub: HubProcess;
    let pages: PageServer;
    let page: BrowserPage;

    const diary = (): Promise<unknown> => page.evaluate('window.diary');
    const lastIs = (event: string): Promise<void> =>
      eventually(async () => {
        const { events } = (await diary()) as { readonly events: readonly string[] };
        expect(events.at(-1)).toBe(event);
      }, patient);
    const isLive = (): Promise<void> =>
      eventually(async () => {
        const { statuses } = (await diary()) as { readonly statuses: readonly string[] };
        expect(statuses.at(-1)).toBe('live');
      }, patient);
    const create = async (subject: string): Promise<void> => {
      const data = { asset: { type: 'table', name: `<b>${subject}</b>` } };
      const event = { id: subject, type: 'gov.asset.created', subject, data };
      expect(await postCloudEvent(hub.url, 'events', writer, event)).toMatchObject({ status: 200 });
    };

    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing);
      pages = await startPageServer((user) => tokenFor({ sub: user, roles: [user], ttlSeconds: tokenTtlSeconds }));
      options = {
        dataDir: folder.path,
        file: {
          connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
          policy: { version: 1, roles: { steward: [{ allow: 'read' }], writer: [{ allow: 'ingest' }] } },
        },
        // the same address after a restart, so that the page finds the hub again
        environment: {
          PURSIGHT_PORT: String(await freePort()),
          PURSIGHT_ENV: 'production',
          PURSIGHT_ALLOWED_ORIGINS: pages.origin,
        },
      };
      hub = await startHubProcess(options);
      page = await launch();
      await page.goto(pages.origin);
      await eventually(async () => expect(await page.evaluate('window.watch !== undefined')).toBe(true), patient);
      await page.evaluate(`window.watch(${JSON.stringify({ url: hub.url, user: 'steward', channel: 'assets' })})`);
      await isLive();
    }, 120_000);
    afterAll(async () => {
      await page?.close();
      pages?.close();
      await hub?.stop();
      folder.remove();
    });

    it('shows an event as it comes', async () => {
      expect(await page.evaluate('navigator.userAgent')).toMatch(agent);
      await create('first');
      await lastIs('enter first');
      expect(await page.evaluate('[...document.querySelectorAll("#list li")].map((item) => item.textContent)')).toEqual(
        ['<b>first</b> '],
      );
    });

    it('goes on with new tokens on the same connection', async () => {
      await eventually(() => expect(pages.tokens.get('steward')).toBeGreaterThanOrEqual(3), patient);
      expect(await diary()).toMatchObject({ statuses: ['live'], gaps: 0, errors: [] });
    });

    it('reads documents by fetch', async () => {
      const path = `${hub.url}/v1/documents`;
      const found = await page.evaluate(`(async () => {
        const token = await (await fetch('/token?user=steward')).text();
        const response = await fetch(${JSON.stringify(path)}, { headers: { authorization: 'Bearer ' + token } });
        return (await response.json()).documents.map(({ name }) => name);
      })()`);
      expect(found).toEqual(['<b>first</b>']);
    });

    it.each(['SIGKILL', 'SIGTERM'] as const)('D2: goes on without a gap after %s of the hub', async (signal) => {
      await hub.stop(signal);
      hub = await startHubProcess(options);
      await create(signal);
      await lastIs(`enter ${signal}`);
      await isLive();
      const { events, gaps } = (await diary()) as { readonly events: readonly string[]; readonly gaps: number };
      expect(new Set(events).size).toBe(events.length);
      expect(gaps).toBe(0);
    });
  });
}
