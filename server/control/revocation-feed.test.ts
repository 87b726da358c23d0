import { afterEach, beforeEach, expect, it } from 'vitest';
import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import { createInProcessControlTopic } from '../../adapters/embedded/in-process-control-topic.ts';
import { type KeptRevocation, revocationOf, type RevocationRecord } from '../../channels/control/revocation.ts';
import type { JsonValue } from '../../channels/event/json.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { ControlTopic, FollowOptions } from '../../channels/ports/control-topic.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { silentLogger } from '../../test/harness/silence.ts';
import { RevocationFeed } from './revocation-feed.ts';

const nowMs = Date.UTC(2026, 4, 4);
const iso = (ms: number): string => new Date(ms).toISOString();
const principal = (
  sub: string,
): { readonly sub: string } & Parameters<RevocationFeed['revocations']['isRevoked']>[0] => ({
  ...{ tenant: 'acme', sub, roles: [], claims: {} },
  expiresAtMs: nowMs + 60_000,
});

let stored: KeptRevocation[];
let isAway: boolean;
const store = {
  putRevocation: async (revocation: RevocationRecord) => {
    if (isAway) throw new HubError('storage-unavailable', 'away');
    stored.push(revocation);
  },
  revocations: async ({ sinceIso = '' }: { readonly sinceIso?: string }) =>
    stored.filter(({ at = sinceIso }) => at >= sinceIso),
} as unknown as CatalogStore;

let feeds: RevocationFeed[];
let told: string[];
beforeEach(() => {
  [stored, isAway, feeds, told] = [[], false, [], []];
});
afterEach(async () => {
  for (const feed of feeds) await feed.stop();
});

function feedOf(name: string, topic: ControlTopic, bus = createInProcessControlBus()): RevocationFeed {
  const feed = new RevocationFeed({
    ...{ store, topic, bus, clock: { now: () => nowMs }, logger: silentLogger },
    onRevoked: () => told.push(name),
    onUnread: (problem, kind) => told.push(`${name} skips ${problem} ${kind}`),
  });
  feeds.push(feed);
  return feed;
}
const wanted = (subject: string): Parameters<RevocationFeed['revoke']>[0] => ({
  tenant: 'acme',
  target: { kind: 'subject', subject, issuedBefore: iso(nowMs) },
  by: 'root',
  expiresAt: iso(nowMs + 60_000),
});

it('P7: knows what was stored before it started, and hears of more by the topic alone', async () => {
  const topic = createInProcessControlTopic();
  const [one, two] = [feedOf('one', topic), feedOf('two', topic)];
  await one.start();
  await one.revoke(wanted('early'));
  await two.start();
  expect(two.revocations.isRevoked(principal('early'))).toBe(true);
  const late = { kind: 'revocation', v: 1, by: 'root', at: iso(nowMs) };
  expect(await one.revoke(wanted('late'))).toMatchObject({ told: true, revocation: late });
  expect(stored.at(-1)).toMatchObject(late);
  expect(two.revocations.isRevoked(principal('late'))).toBe(true);
  expect(told).toEqual(expect.arrayContaining(['one', 'two']));
});

it('holds where the topic does not take it: the bus brings it, and it says that not all may know yet', async () => {
  const topic: ControlTopic = {
    ...createInProcessControlTopic(),
    append: async () => {
      throw new HubError('storage-unavailable', 'away');
    },
  };
  const bus = createInProcessControlBus();
  const [one, two] = [feedOf('one', topic, bus), feedOf('two', topic, bus)];
  for (const feed of feeds) await feed.start();
  expect(await one.revoke(wanted('ada'))).toMatchObject({ told: false });
  await eventually(() => expect(two.revocations.isRevoked(principal('ada'))).toBe(true));
});

it('revokes nothing that it cannot store', async () => {
  const feed = feedOf('one', createInProcessControlTopic());
  await feed.start();
  isAway = true;
  await expect(feed.revoke(wanted('ada'))).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect([feed.revocations.size, told]).toEqual([0, []]);
});

it('reads again what is stored when the topic was lost', async () => {
  let follower: FollowOptions | undefined;
  const inner = createInProcessControlTopic();
  const topic: ControlTopic = { ...inner, follow: async (options) => inner.follow((follower = options)) };
  const feed = feedOf('one', topic);
  await feed.start();
  stored.push({ id: 'r', at: iso(nowMs), ...wanted('ada') });
  follower?.onLost();
  await eventually(() => expect(feed.revocations.isRevoked(principal('ada'))).toBe(true));
});

it('R1, P7: skips what is no control record, whoever sent it, and hears what follows', async () => {
  const [topic, bus] = [createInProcessControlTopic(), createInProcessControlBus()];
  const [one, two] = [feedOf('one', topic), feedOf('two', topic, bus)];
  for (const feed of feeds) await feed.start();
  const good: RevocationRecord = { kind: 'revocation', v: 1, id: 'r', at: iso(nowMs), ...wanted('ada') };
  const poison: readonly unknown[] = [
    null,
    7,
    [],
    {},
    { ...good, target: null },
    { ...good, target: { kind: 'subject', subject: 'ada', issuedBefore: 'soon' } },
    { ...good, target: { kind: 'everything' } },
    { ...good, expiresAt: 'never' },
    { ...good, tenant: 1 },
    { ...good, kind: 'amnesty' },
    { ...good, v: 2 },
  ];
  for (const text of ['garbage', '', ...poison.map((value) => JSON.stringify(value))]) await topic.append(text);
  for (const value of poison) await bus.publish('revocation', value as JsonValue);
  expect(told.filter((each) => each.startsWith('two skips'))).toHaveLength(2 * poison.length + 2);
  expect(told).toContain('two skips newer-version revocation');
  expect([one.revocations.size, two.revocations.size]).toEqual([0, 0]);
  await one.revoke(wanted('ada'));
  await two.drained();
  expect(two.revocations.isRevoked(principal('ada'))).toBe(true);
});

it('P7: takes what is stored without a version for version 1, and tells of a newer one that it cannot apply', async () => {
  stored.push({ id: 'old', at: iso(nowMs), ...wanted('ada') });
  const newer = { kind: 'role', role: 'admin' } as never;
  stored.push({ kind: 'revocation', v: 2, id: 'new', at: iso(nowMs), ...wanted('eve'), target: newer });
  const feed = feedOf('one', createInProcessControlTopic());
  await feed.start();
  expect(feed.revocations.isRevoked(principal('ada'))).toBe(true);
  expect([feed.revocations.size, told]).toEqual([1, ['one skips newer-version revocation', 'one']]);
});

it('P7: one that is damaged keeps nobody from knowing the others, and is told', async () => {
  stored.push(revocationOf('{broken'), revocationOf('null'), revocationOf('{"id":7}'));
  stored.push({ id: 'good', at: iso(nowMs), ...wanted('ada') });
  const feed = feedOf('one', createInProcessControlTopic());
  await feed.start();
  expect([feed.revocations.isRevoked(principal('ada')), feed.revocations.size]).toEqual([true, 1]);
  expect(told.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => 'one skips garbage revocation'));
});
