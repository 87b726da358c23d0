import { spawnSync } from 'node:child_process';
import { createHub, type Hub } from '@pursight/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const token = tokenFor({ tenant: 'demo', roles: ['admin'] });
const folder = scratchFolder();
const patient = { timeoutMs: 30_000 };

function mount(...options: readonly string[]): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', folder.path], { stdio: 'ignore' }).status === 0;
}
/** Only root may mount. */
const possible = mount('-o', 'size=12m');

let hub: HubProcess;
let client: Hub;
const acknowledged = new Set<string>();
const shown: string[] = [];

async function post(index: number): Promise<{ readonly status: number; readonly body: unknown }> {
  const subject = `t-${index}`;
  const data = { asset: { type: 'table', name: subject, description: 'x'.repeat(6000) } };
  const answer = await postCloudEvent(hub.url, 'events', token, {
    ...{ id: subject, type: 'gov.asset.created', subject, data },
  });
  if (answer.status === 200) acknowledged.add(`urn:gov:demo:${subject}`);
  return answer;
}

async function held(): Promise<ReadonlySet<string>> {
  const urns = new Set<string>();
  for (let after: string | undefined = ''; after !== undefined;) {
    const { body } = await callApi(hub.url, `/v1/documents?limit=1000&after=${encodeURIComponent(after)}`, { token });
    const page = body as { readonly documents: readonly { readonly urn: string }[]; readonly next?: string };
    for (const { urn } of page.documents) urns.add(urn);
    after = page.next;
  }
  return urns;
}

beforeAll(async () => {
  if (!possible) return;
  hub = await startHubProcess({ dataDir: folder.path });
  client = createHub({ url: hub.url, token, reconnect: { minMs: 20, maxMs: 200 } });
  const assets = client.channel('assets');
  assets.on('event', ({ subject }) => shown.push(subject));
  await assets.live;
});
afterAll(async () => {
  client?.close();
  await hub?.stop();
  if (possible) spawnSync('umount', [folder.path]);
  folder.remove();
});

it.skipIf(!possible)(
  'I9: a hub on a full disk acknowledges nothing that it cannot keep, says so, and goes on when there is space',
  { timeout: 120_000 },
  async () => {
    let index = 0;
    let refused: { readonly status: number; readonly body: unknown } | undefined;
    for (; refused === undefined && index < 5000; index++) {
      const answer = await post(index);
      if (answer.status !== 200) refused = answer;
    }
    expect(refused).toMatchObject({ status: 503, body: { code: 'storage-unavailable', retryable: true } });
    expect(acknowledged.size).toBeGreaterThan(100);
    // a page may become free now and then: each is kept or refused
    for (let more = 0; more < 5; more++) expect([200, 503]).toContain((await post(index++)).status);
    // what is there can still be read
    expect([...(await held())].toSorted()).toEqual(expect.arrayContaining([...acknowledged].toSorted()));

    expect(mount('-o', 'remount,size=64m')).toBe(true);
    await eventually(async () => expect((await post(index)).status).toBe(200), patient);
    for (let more = 1; more < 50; more++) expect((await post(index + more)).status).toBe(200);
    const all = [...acknowledged];
    await eventually(() => expect(all.filter((urn) => !shown.includes(urn))).toEqual([]), patient);
    expect(new Set(shown).size).toBe(shown.length);

    expect(await hub.stop()).toBe(0);
    hub = await startHubProcess({ dataDir: folder.path });
    const kept = await held();
    expect([...all, ...shown].filter((urn) => !kept.has(urn))).toEqual([]);
  },
);
