import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

/** `PURSIGHT_DRAIN_CLIENTS=2000 npx vitest run test/faults/drain.test.ts` shows what a large one costs its clients. */
const clientCount = Number(process.env['PURSIGHT_DRAIN_CLIENTS'] ?? 40);
/** All clients are in this process, which must keep up with what they get. */
const everyMs = Math.max(20, clientCount / 10);
const patient = { timeoutMs: 30_000 };

describeWithServices(['kafka', 'mongo', 'redis'], 'one of two nodes is stopped under load', (urls) => {
  const inService: HubProcess[] = [];
  let turn = 0;
  /** A load balancer that gives each new connection to the next node. */
  const front = new FaultProxy(() => {
    const node = inService[(turn += 1) % inService.length];
    return node === undefined ? undefined : { host: '127.0.0.1', port: Number(new URL(node.url).port) };
  });
  let cluster: HubCluster;
  let sent = 0;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'drain' });
    const own = {
      PURSIGHT_DRAIN_MS: String(Math.max(5000, clientCount * 10)),
      PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: String(2 * clientCount),
    };
    inService.push(await cluster.start('one', own), await cluster.start('two', own));
  });
  afterAll(async () => {
    await cluster?.dispose();
    await front.close();
  });

  const post = async (url: string): Promise<void> => {
    const data = { asset: { type: 'table', name: 't', description: `${sent}` } };
    const event = { id: `${sent}`, type: 'gov.asset.updated', subject: `t-${sent % 5}`, data };
    expect(await postCloudEvent(url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
    sent += 1;
  };

  it('D7: no client loses an event, sees a gap or is without a connection', async () => {
    const url = `http://127.0.0.1:${await front.listen()}`;
    const names = Array.from({ length: clientCount }, (_, index) => `client-${index}`);
    const clients = await Promise.all(names.map((name) => cluster.listen({ url }, name)));
    const { silences, end } = watchSilence(clients);
    const [leaving, staying] = inService as [HubProcess, HubProcess];
    const load = async (isOver: () => boolean): Promise<void> => {
      while (!isOver()) {
        await post(staying.url);
        await pause(everyMs);
      }
    };
    await load(() => sent >= 50);
    const calmMs = longest(silences);

    inService.splice(0, 1);
    let code: number | null | undefined;
    const stopped = leaving.stop().then((result) => (code = result));
    await load(() => code !== undefined);
    await stopped;
    await load(() => sent % 50 === 0);
    for (const client of clients) await eventually(() => expect(client.events.length).toBe(sent), patient);
    end();
    console.log(JSON.stringify({ clients: clientCount, sent, calmMs, longestSilenceMs: longest(silences) }));

    expect(code).toBe(0);
    for (const { events, gaps } of clients) {
      expect(new Set(events.map(({ id }) => id)).size).toBe(sent);
      expect(gaps).toEqual([]);
    }
    const lost = silences.filter(({ statuses }) => statuses.some((status) => !['draining', 'live'].includes(status)));
    expect(lost).toEqual([]);
    expect(silences.filter(({ statuses }) => statuses.includes('draining')).length).toBeGreaterThan(clientCount / 4);
  }, 180_000);
});

interface Silence {
  longestMs: number;
  readonly statuses: string[];
}

/** The longest time between two events of each client, from the first on. */
function watchSilence(clients: readonly Recorder[]): {
  readonly silences: readonly Silence[];
  readonly end: () => void;
} {
  const watched = clients.map(({ hub, events }) => {
    const silence: Silence = { longestMs: 0, statuses: [] };
    hub.on('status', (status) => silence.statuses.push(status));
    return { silence, events, count: events.length, atMs: Number.NaN };
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const each of watched) {
      const { silence, events, count, atMs } = each;
      if (events.length === count) continue;
      if (!Number.isNaN(atMs)) silence.longestMs = Math.max(silence.longestMs, nowMs - atMs);
      [each.count, each.atMs] = [events.length, nowMs];
    }
  }, 5);
  return { silences: watched.map(({ silence }) => silence), end: () => clearInterval(timer) };
}

function longest(silences: readonly Silence[]): number {
  return Math.round(Math.max(...silences.map(({ longestMs }) => longestMs)));
}
