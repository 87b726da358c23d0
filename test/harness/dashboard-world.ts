import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { chromiumMissing, launchChromium } from './chromium.ts';
import { type DashboardPage, openDashboard } from './dashboard-page.ts';
import { postCloudEvent } from './hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from './hub-process.ts';

/** May do everything in the tenant of the development file. */
export const demoAdmin = tokenFor({ tenant: 'demo', roles: ['admin'] });

/** There is no browser; never left out in continuous integration. */
export const isWithoutBrowser = chromiumMissing !== undefined && process.env['CI'] !== 'true';

/** A value that a viewer may not see. */
export const hidden = 'canary-9f1c';

/** An embedded hub with two assets, and the dashboard in as many browsers as a test opens. */
export interface DashboardWorld {
  readonly hub: HubProcess;
  readonly browser: Browser;
  /** Closed after the test, which fails if one had a fault. */
  readonly open: DashboardPage[];
  readonly send: (subject: string, asset: object) => Promise<void>;
  readonly as: (role: string, more?: object) => Promise<Page>;
}

/** For the suite in which it is called. */
export function dashboardWorld(): DashboardWorld {
  const folder = scratchFolder();
  const open: DashboardPage[] = [];
  let [hub, browser]: [HubProcess | undefined, Browser | undefined] = [undefined, undefined];
  let serial = 0;
  const started = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('it is there in tests only');
    return part;
  };
  const world: DashboardWorld = {
    get hub() {
      return started(hub);
    },
    get browser() {
      return started(browser);
    },
    open,
    send: async (subject, asset) => {
      const event = { id: `d${(serial += 1)}`, type: 'gov.asset.created', subject, data: { asset } };
      expect(await postCloudEvent(world.hub.url, 'events', demoAdmin, event)).toMatchObject({ status: 200 });
    },
    as: async (role, more = {}) => {
      const opened = await openDashboard(world.browser, world.hub.url, { role, ...more });
      open.push(opened);
      return opened.page;
    },
  };
  beforeAll(async () => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
    hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_ENV: 'development' } });
    browser = await launchChromium();
    await world.send('orders', { type: 'table', name: 'orders', domain: 'retail', platform: 'snowflake' });
    await world.send('customers', {
      ...{ type: 'table', name: 'customers', domain: 'retail', description: hidden, owners: [{ id: 'ada' }] },
      columns: [
        { name: 'id', type: 'int' },
        { name: 'mail', classifications: [{ scheme: 'pii', name: 'email', state: 'suggested', origin: 'automated' }] },
      ],
    });
  });
  afterEach(async () => {
    const closing = open.splice(0);
    for (const { context } of closing) await context.close();
    expect(closing.flatMap(({ faults }) => faults)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    folder.remove();
  });
  return world;
}
