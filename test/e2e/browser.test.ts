import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { atlasMessage } from '../harness/atlas-messages.ts';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { createTopics, kcat } from '../harness/kafka-topics.ts';
import { type PageServer, startPageServer } from '../harness/page-server.ts';
import { describeWithServices } from '../setup/services.ts';

const policy = {
  version: 1,
  roles: {
    steward: [{ allow: 'read' }],
    viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
    writer: [{ allow: 'ingest' }],
  },
};
const writer = tokenFor({ roles: ['writer'] });
const events = { id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' };
/** Short enough that a page must refresh during the test. */
const tokenTtlSeconds = 4;

interface Diary {
  readonly statuses: readonly string[];
  readonly events: readonly string[];
  readonly gaps: number;
  readonly errors: readonly string[];
}

async function openPage(browser: Browser, pages: PageServer, url: string, user: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(pages.origin);
  await page.waitForFunction('window.watch !== undefined');
  await page.evaluate(`window.watch(${JSON.stringify({ url, user, channel: 'assets' })})`);
  return page;
}

async function diaryOf(page: Page): Promise<Diary> {
  return (await page.evaluate('window.diary')) as Diary;
}

async function live(page: Page): Promise<void> {
  await eventually(async () => expect((await diaryOf(page)).statuses.at(-1)).toBe('live'));
}

async function shown(page: Page): Promise<readonly string[]> {
  return page.locator('#list li').allTextContents();
}

function inBrowser(brokers: string, environment: () => Readonly<Record<string, string>>): void {
  const suffix = randomUUID().slice(0, 8);
  const atlasTopic = `browser-atlas-${suffix}`;
  const folder = scratchFolder();
  let options: HubProcessOptions;
  let hub: HubProcess;
  let browser: Browser;
  let pages: PageServer;
  let steward: Page;
  let viewer: Page;
  let openedAtMs = 0;

  beforeAll(async () => {
    await createTopics(brokers, { [atlasTopic]: 1 });
    const atlas = {
      id: 'atlas',
      format: 'atlas',
      topic: atlasTopic,
      tenant: 'acme',
      namespace: 'urn:gov:atlas:prod',
      scheme: 'pii',
      kafka: { brokers: [brokers] },
    };
    // the same address after a restart, so that pages find the hub again
    const port = String(await freePort());
    options = {
      dataDir: folder.path,
      file: { connectors: [atlas, events], policy },
      environment: { ...environment(), PURSIGHT_PORT: port, PURSIGHT_TOPIC_PREFIX: `browser-${suffix}` },
    };
    hub = await startHubProcess(options);
    pages = await startPageServer((user) => tokenFor({ sub: user, roles: [user], ttlSeconds: tokenTtlSeconds }));
    browser = await launchChromium();
    openedAtMs = Date.now();
    [steward, viewer] = await Promise.all([
      openPage(browser, pages, hub.url, 'steward'),
      openPage(browser, pages, hub.url, 'viewer'),
    ]);
    await Promise.all([live(steward), live(viewer)]);
  });

  afterAll(async () => {
    await browser?.close();
    pages?.close();
    await hub?.stop();
    folder.remove();
  });

  it('an Atlas message and a CloudEvent reach exactly the pages that may see them', async () => {
    await kcat(
      brokers,
      atlasTopic,
      atlasMessage('ENTITY_CREATE', { guid: 'g-1', name: 'customers' }, 1_700_000_000_000),
    );
    for (const page of [steward, viewer])
      await eventually(async () => expect(await shown(page)).toEqual(['customers ']));
    await kcat(
      brokers,
      atlasTopic,
      atlasMessage('CLASSIFICATION_ADD', { guid: 'g-1', name: 'customers', tags: ['EMAIL'] }, 1_700_000_001_000),
    );
    await eventually(async () => expect(await shown(steward)).toEqual(['customers pii/EMAIL']));
    await eventually(async () => expect(await shown(viewer)).toEqual([]));
    const asset = { type: 'dashboard', name: '<b>Revenue</b>' };
    expect(
      await postCloudEvent(hub.url, 'events', writer, {
        id: 'd-1',
        type: 'gov.asset.created',
        subject: 'revenue',
        data: { asset },
      }),
    ).toMatchObject({ status: 200 });
    await eventually(async () => expect(await shown(viewer)).toEqual(['<b>Revenue</b> ']));
    await eventually(async () => expect(await shown(steward)).toEqual(['customers pii/EMAIL', '<b>Revenue</b> ']));
    expect((await diaryOf(steward)).events).toEqual(['enter g-1', 'update g-1', 'enter revenue']);
    expect((await diaryOf(viewer)).events).toEqual(['enter g-1', 'leave g-1', 'enter revenue']);
  });

  it('tokens are refreshed in band: the pages outlive theirs without a reconnect', async () => {
    await eventually(() => expect(Date.now()).toBeGreaterThan(openedAtMs + tokenTtlSeconds * 1000 + 500));
    await eventually(() =>
      expect(Math.min(pages.tokens.get('steward') ?? 0, pages.tokens.get('viewer') ?? 0)).toBeGreaterThanOrEqual(3),
    );
    for (const page of [steward, viewer])
      expect(await diaryOf(page)).toMatchObject({ statuses: ['live'], gaps: 0, errors: [] });
  });

  it('D2: after a restart of the hub the pages go on where they were, without a gap', { timeout: 60_000 }, async () => {
    await hub.stop('SIGKILL');
    hub = await startHubProcess(options);
    for (const page of [steward, viewer]) await live(page);
    await postCloudEvent(hub.url, 'events', writer, {
      id: 'after',
      type: 'gov.asset.created',
      subject: 'after',
      data: { asset: { type: 'table', name: 'after' } },
    });
    for (const page of [steward, viewer])
      await eventually(async () => expect((await diaryOf(page)).events.at(-1)).toBe('enter after'));
    expect((await diaryOf(viewer)).events).toEqual(['enter g-1', 'leave g-1', 'enter revenue', 'enter after']);
    for (const page of [steward, viewer]) expect(await diaryOf(page)).toMatchObject({ gaps: 0 });
  });
}

describe.skipIf(chromiumMissing !== undefined && process.env['CI'] !== 'true')('browser', () => {
  beforeAll(() => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
  });

  describeWithServices(['kafka'], 'in Chromium on embedded storage', ({ kafka }) => inBrowser(kafka, () => ({})));

  describeWithServices(
    ['kafka', 'mongo', 'redis'],
    'in Chromium on Kafka, MongoDB and Redis',
    ({ kafka, mongo, redis }) => {
      const database = `browser-${randomUUID().slice(0, 8)}`;
      inBrowser(kafka, () => ({
        PURSIGHT_KAFKA_BROKERS: kafka,
        PURSIGHT_MONGO_URL: mongo.replace('/?', `/${database}?`),
        PURSIGHT_REDIS_URL: redis,
      }));
    },
  );

  it('in production only pages of the allow-list get in', async () => {
    const folder = scratchFolder();
    const tokenOf = (user: string): string => tokenFor({ sub: user, roles: ['steward'] });
    const [listed, other] = [await startPageServer(tokenOf), await startPageServer(tokenOf)];
    const hub = await startHubProcess({
      dataDir: folder.path,
      file: { connectors: [events], policy },
      environment: { PURSIGHT_ENV: 'production', PURSIGHT_ALLOWED_ORIGINS: listed.origin },
    });
    const browser = await launchChromium();
    try {
      const refused = await openPage(browser, other, hub.url, 'steward');
      await live(await openPage(browser, listed, hub.url, 'steward'));
      await eventually(async () => expect((await diaryOf(refused)).errors.length).toBeGreaterThanOrEqual(3));
      expect((await diaryOf(refused)).statuses).not.toContain('live');
      expect((await callApi(hub.url, '/metrics')).text).toMatch(
        /^pursight_refusals_total\{code="origin-not-allowed"\} \d+$/m,
      );
    } finally {
      await browser.close();
      await hub.stop();
      listed.close();
      other.close();
      folder.remove();
    }
  });
});
