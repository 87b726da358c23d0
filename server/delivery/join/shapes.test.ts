import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AnyWireEvent, EventsMessage, ReplayMessage, SnapshotMessage } from '../../../channels/protocol/down.ts';
import type { SubscribedResult, SubscribeRequest } from '../../../channels/protocol/up.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import type { FakeConnection } from '../../../test/harness/fake-connection.ts';
import { ResumeWorld } from '../../../test/harness/resume-world.ts';
import type { TestNode } from '../../../test/harness/test-node.ts';

let fixture: ResumeWorld;
beforeEach(() => (fixture = new ResumeWorld()));
afterEach(() => fixture.stop());

type Wanted = Omit<SubscribeRequest, 'id' | 'channel'>;
const forms: readonly Wanted[] = [
  {},
  { shape: 'document' },
  { shape: 'entity' },
  { shape: 'changes' },
  { fields: ['name', 'owners', 'tags', 'classifications'] },
  { mode: 'view' },
  { mode: 'view', shape: 'entity' },
  { mode: 'view', fields: ['tags', 'terms'] },
];

async function connect(node: TestNode, subscriptions: readonly object[]): Promise<FakeConnection> {
  const connection = await node.connect({ subscriptions });
  await eventually(() =>
    expect(connection.sent.filter(([name]) => name === 'live')).toHaveLength(subscriptions.length),
  );
  return connection;
}

const eachForm = (add: (index: number) => object = () => ({})): readonly object[] =>
  forms.map((wanted, index) => ({ id: `s${index}`, channel: 'assets', ...wanted, ...add(index) }));

function told(connection: FakeConnection, index: number): SubscribedResult {
  return connection.sent.find(
    ([name, payload]) => name === 'subscribed' && (payload as SubscribedResult).id === `s${index}`,
  )?.[1] as SubscribedResult;
}

/** What each subscription got, live. */
function liveEvents(connection: FakeConnection): readonly (readonly AnyWireEvent[])[] {
  const frames = connection.sent.filter(([name]) => name === 'events').map(([, frame]) => frame as EventsMessage);
  return forms.map((_, index) => {
    const { room } = told(connection, index);
    return frames.filter((frame) => frame.room === room).flatMap(({ events }) => events);
  });
}

function replayedEvents(connection: FakeConnection): readonly (readonly AnyWireEvent[])[] {
  const frames = connection.sent.filter(([name]) => name === 'replay').map(([, frame]) => frame as ReplayMessage);
  return forms.map((_, index) => frames.filter(({ id }) => id === `s${index}`).flatMap(({ events }) => events));
}

const inOrder = (events: readonly AnyWireEvent[]): readonly AnyWireEvent[] =>
  events.toSorted((one, other) => (one.id < other.id ? -1 : 1));
const pii = { scheme: 'pii', name: 'email', origin: 'manual', state: 'confirmed', connector: 'c' } as const;

/** A new asset, a text that only documents have, a tag, a large event, and an asset that goes. */
async function happen(): Promise<void> {
  const { world } = fixture;
  await world.change('b', {});
  await world.change('a', { description: 'other' });
  await world.change('a', { classifications: [pii] });
  await world.change('a', { owners: [{ id: 'ada', type: 'user' }] }, 'large');
  await world.change('b', { status: 'deleted' });
}

it('W17: each subscription gets what its shape and fields name, and no update that changes none of it', async () => {
  const node = await fixture.startNode();
  await fixture.world.change('a', {});
  await fixture.caughtUp(node);
  const connection = await connect(node, eachForm());
  await happen();
  await fixture.caughtUp(node);
  await eventually(() =>
    expect(liveEvents(connection).map((events) => events.at(-1)?.kind)).toEqual(forms.map(() => 'leave')),
  );
  const brief = ({ id, kind, ...rest }: AnyWireEvent): string => {
    const { entity, changes, document } = rest as { entity?: object; changes?: object; document?: object };
    const parts = { entity, changes, document };
    return [
      kind,
      id.slice(4),
      ...Object.entries(parts).flatMap(([name, part]) => (part ? [`${name}:${Object.keys(part).length}`] : [])),
    ].join(' ');
  };
  expect(liveEvents(connection).map((events) => events.map(brief))).toMatchInlineSnapshot(`
    [
      [
        "enter b@1 entity:9 document:10",
        "update a@2 entity:3 changes:1",
        "update a@3 entity:3 changes:2",
        "update a@4 entity:3 changes:2",
        "leave b@2",
      ],
      [
        "enter b@1 entity:9 document:10",
        "update a@2 entity:9 changes:1 document:10",
        "update a@3 entity:9 changes:2 document:10",
        "update a@4 entity:9 changes:2 document:10",
        "leave b@2",
      ],
      [
        "enter b@1 entity:9",
        "update a@3 entity:9",
        "update a@4 entity:9",
        "leave b@2",
      ],
      [
        "enter b@1",
        "update a@2 changes:1",
        "update a@3 changes:2",
        "update a@4 changes:2",
        "leave b@2",
      ],
      [
        "enter b@1 entity:3 document:2",
        "update a@3 entity:3 changes:1",
        "update a@4 entity:3 changes:1",
        "leave b@2",
      ],
      [
        "enter b@1 entity:9 document:10",
        "update a@2 entity:9 document:10",
        "update a@3 entity:9 document:10",
        "update a@4 entity:9 document:10",
        "leave b@2",
      ],
      [
        "enter b@1 entity:9",
        "update a@3 entity:9",
        "update a@4 entity:9",
        "leave b@2",
      ],
      [
        "enter b@1 entity:1 document:1",
        "update a@3 entity:1 document:1",
        "leave b@2",
      ],
    ]
  `);
});

it.each(['ring', 'journal'] as const)(
  'W17 D5: what is replayed from the %s is what would have come live',
  async (from) => {
    const first = await fixture.startNode();
    const second = await fixture.startNode(from === 'journal' ? { ringMaxBytes: 3 } : {});
    await fixture.world.change('a', {});
    for (const node of [first, second]) await fixture.caughtUp(node);
    await fixture.world.journal();
    const watching = await connect(first, eachForm());
    await happen();
    await fixture.world.journal();
    for (const node of [first, second]) await fixture.caughtUp(node);
    await eventually(() => expect(liveEvents(watching).at(-1)?.at(-1)?.kind).toBe('leave'));

    const positions = watching.sent.filter(([name]) => name === 'replay').map(([, frame]) => frame as ReplayMessage);
    const again = await connect(
      second,
      eachForm((index) => {
        const { handle, cursor } = told(watching, index);
        // of a view where its snapshot ended
        return { handle, cursor: cursor === '' ? positions.find(({ id }) => id === `s${index}`)?.cursor : cursor };
      }),
    );
    expect(forms.map((_, index) => told(again, index).recovered)).toEqual(forms.map(() => true));
    expect(replayedEvents(again).map(inOrder)).toEqual(liveEvents(watching).map(inOrder));
  },
);

it('W17: a snapshot shows what its form names', async () => {
  const node = await fixture.startNode();
  await fixture.world.change('a', { classifications: [pii], terms: ['t'] });
  await fixture.caughtUp(node);
  const connection = await connect(node, eachForm());
  const shown = connection.sent
    .filter(([name]) => name === 'snapshot')
    .flatMap(([, page]) => (page as SnapshotMessage).items.map(({ entity, document }) => [entity, document] as const));
  const [whole, entities, some] = shown;
  expect(shown).toHaveLength(3);
  expect(Object.keys(whole?.[1] ?? {})).toContain('description');
  expect([Object.keys(entities?.[0] ?? {}).length, entities?.[1]]).toEqual([10, undefined]);
  expect(some).toEqual([{ urn: 'urn:a', tags: ['pii/email'] }, { terms: ['t'] }]);
});

it('W17: entities and changes never wait for the catalog, however large documents are', async () => {
  const node = await fixture.startNode();
  await fixture.world.change('a', {});
  await fixture.caughtUp(node);
  const wanted = [
    { shape: 'entity' },
    { shape: 'changes' },
    { mode: 'view', shape: 'entity' },
    { mode: 'view', fields: ['tags'] },
  ];
  const connection = await connect(
    node,
    wanted.map((each, index) => ({ id: `s${index}`, channel: 'assets', ...each })),
  );
  fixture.documents.failing = true;
  await fixture.world.change('a', { classifications: [pii] }, 'large');
  await fixture.world.change('b', {}, 'large');
  const events = (): number =>
    connection.sent.reduce(
      (sum, [name, frame]) => sum + (name === 'events' ? (frame as EventsMessage).events.length : 0),
      0,
    );
  await eventually(() => expect(events()).toBe(2 * wanted.length));
  expect(connection.names).not.toContain('stale');
});

it.each<[string, Wanted, Wanted]>([
  ['another shape', {}, { shape: 'entity' }],
  ['other fields', { fields: ['name'] }, { fields: ['name', 'tags'] }],
  ['no fields any more', { mode: 'view', fields: ['name'] }, { mode: 'view' }],
])('W17 D5: a handle stands for its form: with %s nothing is continued', async (_name, before, after) => {
  const node = await fixture.startNode();
  await fixture.world.change('a', {});
  await fixture.caughtUp(node);
  const first = await connect(node, [{ id: 's0', channel: 'assets', ...before }]);
  const { handle, cursor } = told(first, 0);
  const from = cursor === '' ? (first.last('replay') as ReplayMessage).cursor : cursor;
  const same = await connect(node, [{ id: 's0', channel: 'assets', ...before, handle, cursor: from }]);
  expect(told(same, 0)).toMatchObject({ recovered: true });
  const other = await connect(node, [{ id: 's0', channel: 'assets', ...after, handle, cursor: from }]);
  expect(told(other, 0)).toMatchObject({ recovered: false, reason: 'policy' });
});

it('L10: what matches the same is matched once, in however many forms it is shown', async () => {
  const node = await fixture.startNode();
  await connect(node, eachForm());
  expect([node.rooms.selectionCount, node.rooms.roomCount]).toEqual([1, forms.length]);
});
