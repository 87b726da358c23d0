import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import { ResumeWorld } from '../../../test/harness/resume-world.ts';
import { metricValue } from '../../../test/harness/silence.ts';
import { createOutlet, type OutletListener } from './outlet.ts';

const worlds: ResumeWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

type Counted = 'deliveries' | 'replayedEvents' | 'documentsOut' | 'roomMembers';

const who = { roles: ['careful'], sub: 'ada', expiresAtMs: Date.UTC(2100, 0, 1) };

it('every listener is told, also one that listens to little', () => {
  const heard: string[] = [];
  const some: OutletListener = { fetched: (reader, documents) => heard.push(`${reader.owner} ${documents.length}`) };
  const outlet = createOutlet([{}, some, some]);
  outlet.fetched({ owner: 'acme|ada' }, [{ entity: 'acme|urn:a', version: 1 }]);
  outlet.left({ owner: 'acme|ada' }, undefined as never);
  expect(heard).toEqual(['acme|ada 1', 'acme|ada 1']);
});

it('counts what is published, replayed and fetched, and where sessions are', async () => {
  const world = new ResumeWorld();
  worlds.push(world);
  const node = await world.startNode();
  const value = (name: Counted): Promise<number> => metricValue(node.metrics, name);
  for (const name of ['a', 'b']) await world.world.change(name, { domain: 'retail' });
  await world.caughtUp(node);

  const view = await node.connect({ subscriptions: [{ id: 'v', channel: 'assets', mode: 'view' }] }, who);
  const feed = await node.connect({ subscriptions: [{ id: 's', channel: 'assets' }] }, who);
  for (const client of [view, feed]) await eventually(() => expect(client.names).toContain('live'));
  expect([await value('documentsOut'), await value('roomMembers')]).toEqual([2, 2]);

  const { cursor, handle } = feed.last('subscribed') as { readonly cursor: string; readonly handle: string };
  await world.world.change('a', { domain: 'retail' });
  await eventually(() => expect(feed.names).toContain('events'));
  expect([await value('deliveries'), await value('replayedEvents')]).toEqual([2, 0]);
  feed.close();
  expect(await value('roomMembers')).toBe(1);

  const again = await node.connect({ subscriptions: [{ id: 's', channel: 'assets', cursor, handle }] }, who);
  await eventually(() => expect(again.names).toContain('live'));
  expect([await value('deliveries'), await value('replayedEvents')]).toEqual([2, 1]);
});
