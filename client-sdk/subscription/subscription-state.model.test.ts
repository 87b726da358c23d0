import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyWireItem } from '../../channels/protocol/down.ts';
import { type Step, SubscriptionWorld } from '../testing/subscription-world.ts';
import { ViewSubscription } from '../view/view-subscription.ts';
import { ChannelSubscription } from './channel-subscription.ts';

/** Raise it when these states change. */
const numRuns = Number(process.env['MODEL_RUNS'] ?? 400);
const on = fc.nat(1);
const count = fc.integer({ min: 1, max: 4 });
const fact = fc.record({ urn: fc.constantFrom('a', 'b', 'c'), matches: fc.boolean() });
const append = fact.map((appended): Step => ({ do: 'append', fact: appended }));
const moves = fc.oneof(
  fc.record({ do: fc.constantFrom('advance', 'catch-up', 'deliver'), on, count }),
  fc.record({ do: fc.constantFrom('tick', 'go-live', 'repeat', 'arrive', 'pass'), on }),
) as fc.Arbitrary<Step>;
const breaks = fc.oneof(
  fc.record({ do: fc.constant('cut'), on }),
  fc.record({ do: fc.constantFrom('goaway', 'switch', 'retry') }),
) as fc.Arbitrary<Step>;
const faults = fc.oneof(
  fc.record({ do: fc.constantFrom('stale', 'log-gap', 'policy'), on }),
  fc.record({ do: fc.constant('refuse') }),
  fc.record({
    do: fc.constant('resume'),
    answer: fc.constantFrom(true, 'coverage', 'policy', 'unavailable', undefined),
  }),
) as fc.Arbitrary<Step>;

const sound = fc.array(
  fc.oneof({ weight: 4, arbitrary: append }, { weight: 10, arbitrary: moves }, { weight: 3, arbitrary: breaks }),
  { maxLength: 80, size: 'max' },
);
const faulty = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: append },
    { weight: 10, arbitrary: moves },
    { weight: 3, arbitrary: breaks },
    { weight: 2, arbitrary: faults },
  ),
  { maxLength: 80, size: 'max' },
);

/** A feed in a world of its own; `clock` counts the steps. */
async function feed() {
  const gaps: number[] = [];
  const handed = new Map<string, number>();
  const order: { readonly id: number; readonly urn: string }[] = [];
  const appendedAt: number[] = [];
  const repeats: string[] = [];
  const run = { clock: 0, liveFrom: null as number | null, ended: 0, lateCalls: 0 };
  const subscription = new ChannelSubscription({
    id: 's',
    channel: 'assets',
    maxBuffered: 1,
    keptEntities: 0,
    left: () => undefined,
  });
  const world = new SubscriptionWorld('events', (effect) => {
    run.lateCalls += run.ended;
    if (effect.type === 'end') run.ended += 1;
    subscription.perform(effect);
  });
  subscription.on('gap', () => gaps.push(run.clock));
  subscription.on('live', () => (run.liveFrom ??= world.log.length));
  subscription.on('event', ({ id, subject }) => {
    // not an assertion: what a listener throws is not heard here
    if (handed.has(id)) repeats.push(id);
    handed.set(id, run.clock);
    order.push({ id: Number(id), urn: subject });
  });
  // the first listener gets its events a moment later
  await Promise.resolve();
  const step = (next: Step): void => {
    run.clock += 1;
    if (next.do === 'append') appendedAt.push(run.clock);
    world.run(next);
  };
  return { world, gaps, handed, order, repeats, appendedAt, run, step };
}

type Feed = Awaited<ReturnType<typeof feed>>;

function checkOrder({ order, repeats }: Feed): void {
  expect(repeats).toEqual([]);
  const last = new Map<string, number>();
  for (const { id, urn } of order) {
    expect(id, `order of ${urn}`).toBeGreaterThan(last.get(urn) ?? -1);
    last.set(urn, id);
  }
}

/** Each event since it first was live was handed over, or a gap was told after it and before the entity's next. */
function checkComplete({ world, gaps, handed, appendedAt, run }: Feed): void {
  for (let position = run.liveFrom ?? world.log.length; position < world.log.length; position += 1) {
    if (handed.has(String(position))) continue;
    const later = world.log.findIndex(
      ({ urn }, index) => index > position && urn === world.log[position]?.urn && handed.has(String(index)),
    );
    const until = later === -1 ? run.clock : (handed.get(String(later)) ?? 0);
    const from = appendedAt[position] ?? 0;
    expect(
      gaps.some((at) => at >= from && at <= until),
      `${position} is missing and no gap was told`,
    ).toBe(true);
  }
}

test('D2, D3: without faults of a hub, whatever breaks: each event once, in order, none missing, no gap', async () => {
  await fc.assert(
    fc.asyncProperty(sound, async (steps) => {
      const all = await feed();
      const { world, gaps, handed, run, step } = all;
      for (const next of steps) step(next);
      run.clock += 1;
      world.settle();
      expect(world.isLive).toBe(true);
      checkOrder(all);
      expect(gaps).toEqual([]);
      for (let position = run.liveFrom ?? world.log.length; position < world.log.length; position += 1)
        expect(handed.has(String(position)), `${position} is missing`).toBe(true);
    }),
    { numRuns },
  );
}, 600_000);

test('D2, D3: with holes, refusals and other rights: each event once, in order, and what is missing is told', async () => {
  await fc.assert(
    fc.asyncProperty(faulty, async (steps) => {
      const all = await feed();
      const { world, gaps, run, step } = all;
      for (const next of steps) step(next);
      run.clock += 1;
      world.settle();
      expect(world.isLive).toBe(true);
      checkOrder(all);
      checkComplete(all);
      expect(gaps.length).toBeLessThanOrEqual(world.causes);
    }),
    { numRuns },
  );
}, 600_000);

test('after its end nothing happens any more', async () => {
  await fc.assert(
    fc.asyncProperty(faulty, faulty, async (before, after) => {
      const { world, run, step } = await feed();
      for (const next of [...before, { do: 'close' } as const, ...after]) step(next);
      world.settle();
      expect(run).toMatchObject({ ended: 1, lateCalls: 0 });
      expect(world.state.attachments.size).toBe(0);
    }),
    { numRuns },
  );
}, 600_000);

test('a view ends up with exactly what matches, in order, and what has not changed keeps its identity', () => {
  fc.assert(
    fc.property(faulty, (steps) => {
      const view = new ViewSubscription({
        id: 's',
        channel: 'assets',
        keptEntities: 0,
        hasDocuments: true,
        left: () => undefined,
        broken: () => undefined,
      });
      const world = new SubscriptionWorld('view', (effect) => view.perform(effect));
      const contents = [view.items];
      const purged: number[] = [];
      view.on('change', ({ items }) => contents.push(items));
      view.on('policy', () => purged.push(view.items.length));
      for (const next of steps) world.run(next);
      world.settle();
      for (const [index, items] of contents.slice(1).entries()) checkContent(contents[index] ?? [], items);
      expect(purged.filter((length) => length > 0)).toEqual([]);
      expect(view.status).toBe('live');
      expect(view.items).toEqual(world.expected());
      expect(view.items).toBe(contents.at(-1));
    }),
    { numRuns },
  );
}, 600_000);

/** One content and the next. */
function checkContent(before: readonly AnyWireItem[], after: readonly AnyWireItem[]): void {
  const urns = after.map(({ entity }) => entity.urn);
  expect(urns).toEqual([...new Set(urns)].toSorted());
  expect(after).not.toEqual(before);
  for (const item of after) {
    const same = before.find(({ entity }) => entity.urn === item.entity.urn);
    if (same?.document?.['version'] === item.document?.['version']) expect(item).toBe(same);
  }
}
