import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import type { AssetDocument } from '../../../channels/catalog/document.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { parseSearchRequest } from '../../../channels/search/search-request.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { longestPieceMs } from '../../../test/harness/longest-piece.ts';
import { SearchClient } from '../../../test/harness/search-client.ts';
import { SearchWorld } from '../../../test/harness/search-world.ts';

const policy = { version: 1, roles: { all: [{ allow: 'read' as const }] } };

let world: SearchWorld;
beforeEach(async () => {
  world = new SearchWorld(policy);
  await world.start();
});
afterEach(() => world.stop());

it('L13 a total has nothing of what was purged, though its event does not say what it was', async () => {
  for (let i = 10; i < 40; i++) await world.world.change(`a${i}`, { name: `customer a${i}`, fqn: 'v1' });
  const client = new SearchClient(await world.connect({ roles: ['all'] }));
  await client.search({ id: 's', q: 'customer', limit: 1, sort: ['name'] } as never);
  const total = (): unknown => {
    client.read();
    return client.searches.get('s')?.total.value;
  };
  // the index may learn of the documents after the events of them
  await eventually(() => expect(total()).toBe(30));
  const { log, documents } = world;
  const held = documents.documents.get('acme|urn:a39') as AssetDocument;
  const { head, ...purged } = sampleAsset('acme', 'urn:a39', { name: '', status: 'purged', version: held.version + 1 });
  documents.put({ ...purged, head });
  const [last = expect.unreachable('there are events')] = world.world.events.slice(-1);
  await log.append([
    {
      ...last,
      ...{ id: 'urn:a39/purged', type: 'gov.asset.purged.v1', subject: 'urn:a39', partitionkey: 'acme|urn:a39' },
      data: {
        ...last.data,
        version: purged.version,
        change: { ...last.data.change, ops: [] },
        heads: { before: held.head, after: null },
        after: purged,
      },
    },
  ]);
  await eventually(() => expect(total()).toBe(29));
});

it.each(['before its index is there', 'while its hits are loaded'])(
  'L2 a search whose session goes %s leaves nothing behind',
  async (when) => {
    const { documents, live } = world;
    documents.put(sampleAsset('globex', 'urn:a', { name: 'customer' }));
    const held = documents.holdReads();
    let goOn = held.release;
    if (when.startsWith('before')) {
      documents.onRead = () => undefined;
      documents.onFind = () => new Promise((resolve) => (goOn = resolve));
    }
    const connection = await world.connect({ roles: ['all'], tenant: 'globex' });
    const search = new SearchClient(connection).search({ id: 's', q: 'customer' } as never);
    if (when.startsWith('before')) await pause(20);
    else await held.begun;
    connection.close();
    expect(live.size).toBe(0);
    documents.onFind = () => undefined;
    goOn();
    await Promise.race([search, pause(200)]);
    await eventually(() => expect([live.size, live.isBusy, connection.rooms.size]).toEqual([0, false, 0]));
    expect(connection.names).not.toContain('result');
  },
);

it('L12 judges a large document for many searches in slices', async () => {
  const words = Array.from({ length: 3000 }, (_, at) => `wordnumber${at}`);
  const who = { tenant: 'acme', sub: 'ada', claims: {}, expiresAtMs: 0, roles: ['all'] };
  const searches = 300;
  for (let at = 0; at < searches; at++) {
    const asked = parseSearchRequest({ q: `customer wordnumber${at} wordnumbre${at + 1} `, limit: 1 });
    world.live.enter(asked, classOf(policy, who), () => undefined);
  }
  await eventually(() => expect(world.live.isClean).toBe(true), { timeoutMs: 60_000 });
  const change = async (run: number): Promise<void> => {
    for (const name of ['customer', 'other', 'customer']) {
      await world.world.change('a', { name, description: `${words.join(' ')} ${name} v${run}` });
      await eventually(async () => expect(await world.isQuiet()).toBe(true), { timeoutMs: 60_000 });
    }
  };
  expect(await longestPieceMs(3, change)).toBeLessThan(100);
}, 240_000);
