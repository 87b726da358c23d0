import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { type PageServer, startPageServer } from '../harness/page-server.ts';

const library = fileURLToPath(new URL('../../node_modules/socket.io-client/dist/socket.io.min.js', import.meta.url));
const token = tokenFor({ sub: 'page', roles: ['admin'] });

/** In the page: `said` fills with what the library says; an event's own channel is subscribed to in both forms. */
const script = `
window.said = [];
window.open_ = (url, token, options) => {
  const socket = io(url, { ...options, auth: { token, protocol: 1, client: 'page', subscriptions: [{ id: 's', channel: 'assets' }] } });
  socket.onAny((name, data) => said.push({ name, data }));
  socket.on('connect_error', (error) => said.push({ name: 'connect_error', data: { message: error.message, body: error.context?.responseText } }));
  window.socket = socket;
};
`;

describe.skipIf(chromiumMissing !== undefined && process.env['CI'] !== 'true')('a page with socket.io-client', () => {
  const folder = scratchFolder();
  let pages: PageServer;
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  const said = async (): Promise<string> => JSON.stringify(await page.evaluate('said'));
  const opens = async (options: object): Promise<void> => {
    await page.evaluate(`open_(${JSON.stringify(hub.url)}, ${JSON.stringify(token)}, ${JSON.stringify(options)})`);
  };

  beforeAll(async () => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
    pages = await startPageServer(() => token);
    hub = await startHubProcess({
      dataDir: folder.path,
      file: {
        connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
        policy: { version: 1, roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }] } },
      },
      environment: { PURSIGHT_ENV: 'production', PURSIGHT_ALLOWED_ORIGINS: pages.origin },
    });
    browser = await launchChromium();
    page = await (await browser.newContext()).newPage();
    await page.goto(pages.origin);
    await page.addScriptTag({ path: library });
    await page.evaluate(script);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    pages?.close();
    folder.remove();
  });

  it('is told what to set when it begins with polling, as by default', async () => {
    await opens({});
    await eventually(async () => expect(await said()).toContain("transports: ['websocket']"));
    await page.evaluate('socket.disconnect(); said.length = 0');
  });

  it('then connects, reads documents by fetch, and finds an event again by its subject, raw and encoded', async () => {
    await opens({ transports: ['websocket'] });
    await eventually(async () => expect(await said()).toContain('"live"'));
    const data = { asset: { type: 'table', name: 'report' } };
    const event = { id: '1', type: 'gov.asset.created', subject: 'sales report 100% ü', data };
    expect(await postCloudEvent(hub.url, 'events', token, event)).toMatchObject({ status: 200 });
    await eventually(async () => expect(await said()).toContain('"kind":"enter"'));
    const found = await page.evaluate(`(async () => {
      const { subject } = said.find(({ name }) => name === 'events').data.events[0];
      const ask = (id, channel) => new Promise((done) => socket.emit('subscribe', { id, channel, mode: 'view' }, done));
      const acks = [await ask('raw', 'asset:' + subject), await ask('encoded', 'asset:' + encodeURIComponent(subject))];
      const options = { headers: { authorization: 'Bearer ' + ${JSON.stringify(token)} } };
      const response = await fetch(${JSON.stringify(hub.url)} + '/v1/documents', options);
      return { acks, subject, documents: (await response.json()).documents };
    })()`);
    expect(found).toMatchObject({ acks: [{ ok: true }, { ok: true }], documents: [{ name: 'report' }] });
    await eventually(async () => {
      const pages_ = JSON.parse(await said()) as readonly {
        name: string;
        data: { id: string; items: readonly unknown[] };
      }[];
      const items = pages_
        .filter(({ name }) => name === 'snapshot')
        .map(({ data: { id, items: all } }) => [id, all.length]);
      expect(Object.fromEntries(items)).toEqual({ raw: 1, encoded: 1 });
    });
  });
});
