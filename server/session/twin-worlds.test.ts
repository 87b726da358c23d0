import { afterEach, expect, it } from 'vitest';
import type { Shape } from '../../channels/protocol/up.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { FakeConnection } from '../../test/harness/fake-connection.ts';
import { ResumeWorld } from '../../test/harness/resume-world.ts';
import type { TestNode } from '../../test/harness/test-node.ts';

const worlds: ResumeWorld[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

const principal = { roles: ['careful'], expiresAtMs: Date.UTC(2100, 0, 1) };
/** How much is asked for. */
interface Wanted {
  readonly mode: 'events' | 'view';
  readonly shape?: Shape;
  readonly fields?: readonly string[];
}

/** Sealed texts differ by nature; how long they are may not. */
function frameOf([name, payload]: readonly [string, unknown]): string {
  return JSON.stringify([name, payload], (key, value: unknown) =>
    (key === 'cursor' || key === 'handle') && typeof value === 'string' ? `${value.length} characters` : value,
  );
}

/** A world in which the same happens for whoever may not see secrets, with or without what it cannot see. */
class Twin {
  readonly #world = new ResumeWorld();
  readonly #isBusy: boolean;
  readonly #frames: string[] = [];
  #node: TestNode | undefined;
  #step = 0;

  constructor(isBusy: boolean) {
    this.#isBusy = isBusy;
    worlds.push(this.#world);
  }

  async start(options: Parameters<ResumeWorld['startNode']>[0] = {}): Promise<void> {
    this.#node = await this.#world.startNode(options);
  }

  /** Very many secrets, which a node that starts later has only in the journal. */
  async flood(count: number): Promise<void> {
    await this.#nodeOf().stop();
    const { world, log } = this.#world;
    if (!this.#isBusy) return world.journal();
    const sample = await world.change('secret-flood', { domain: 'secret' });
    const events = Array.from({ length: count }, (_, index) => {
      const subject = `urn:secret-flood-${index}`;
      return { ...sample, id: `${subject}/1`, subject, partitionkey: `acme|${subject}` };
    });
    await log.append(events);
    await world.journal();
  }

  /** A visible change, at the same time in both worlds. */
  async change(name: string, fields: Parameters<ResumeWorld['world']['change']>[1] = {}): Promise<void> {
    await this.#hidden();
    this.#world.log.nowMs = 2_000_000 + 1000 * this.#step++;
    await this.#world.world.change(name, { domain: 'retail', ...fields });
    await this.#served();
  }

  async connect(wanted: Wanted, told: Partial<Told> = {}): Promise<FakeConnection> {
    await this.#hidden();
    await this.#served();
    this.#world.log.nowMs = 2_000_000 + 1000 * this.#step++;
    const subscriptions = [{ id: 's', channel: 'assets', ...wanted, ...told }];
    const connection = await this.#nodeOf().connect({ subscriptions }, principal, `c${this.#step}`);
    await eventually(() => expect(connection.names).toContain('live'));
    return connection;
  }

  /** What the client got, with what comes at a steady pace left out. */
  take(connection: FakeConnection): void {
    this.#frames.push(...connection.sent.filter(([name]) => name !== 'cursor').map(frameOf));
    connection.close();
  }

  get frames(): readonly string[] {
    return this.#frames;
  }

  /** Secrets that are made, changed and removed, and another tenant's affairs. */
  async #hidden(): Promise<void> {
    if (!this.#isBusy) return;
    const { world, log } = this.#world;
    for (let index = 0; index < 40; index++) {
      await world.change(`secret-${index % 7}`, { domain: 'secret', status: index % 5 === 4 ? 'deleted' : 'active' });
      const event = await world.change('secret-other', { domain: 'secret' });
      await log.append([{ ...event, tenant: 'globex', partitionkey: `globex|${event.subject}` }]);
    }
    await world.journal();
  }

  async #served(): Promise<void> {
    await this.#world.caughtUp(this.#nodeOf());
    // so that what is visible does not share a tick, in one world only, with what is not
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  #nodeOf(): TestNode {
    if (this.#node === undefined) throw new Error('not started yet');
    return this.#node;
  }
}

interface Told {
  readonly handle: string;
  readonly cursor: string;
}

async function live(twin: Twin, wanted: Wanted): Promise<readonly string[]> {
  await twin.start();
  await twin.change('a');
  const first = await twin.connect(wanted);
  await twin.change('b');
  await twin.change('a');
  await twin.change('a', { status: 'deleted' });
  const { handle, cursor } = first.last(wanted.mode === 'view' ? 'replay' : 'subscribed') as Told;
  const announced = first.last('subscribed') as Told;
  twin.take(first);
  await twin.change('b');
  await twin.change('c');
  const second = await twin.connect(wanted, { handle: handle ?? announced.handle, cursor });
  await twin.change('c');
  twin.take(second);
  return twin.frames;
}

it.each<[string, Wanted]>([
  ['events', { mode: 'events' }],
  ['view', { mode: 'view' }],
  ['changes of a field', { mode: 'events', shape: 'changes', fields: ['description'] }],
  ['entities of a view', { mode: 'view', fields: ['name', 'tags', 'description'] }],
])(
  'P10: whoever may not see what others do gets the same frames (%s) in a world in which they do nothing',
  async (_name, wanted) => {
    const [quiet, busy] = [await live(new Twin(false), wanted), await live(new Twin(true), wanted)];
    expect(quiet.length).toBeGreaterThan(8);
    expect(quiet.filter((frame) => frame.includes('"recovered":true'))).toHaveLength(1);
    expect(busy).toEqual(quiet);
  },
);

/** Away while very much happens, or nothing; the second resume shows what the first has cost. */
async function away(twin: Twin, wanted: Wanted, flood: number): Promise<readonly string[]> {
  const replayMemoryBytes = 4 * 1024 * 1024;
  await twin.start({ replayMemoryBytes });
  await twin.change('a');
  const first = await twin.connect(wanted);
  await twin.change('b');
  const held = first.last(wanted.mode === 'view' ? 'replay' : 'subscribed') as Told;
  const { handle, cursor } = { ...(first.last('subscribed') as Told), ...held };
  twin.take(first);
  await twin.flood(flood);
  await twin.start({ replayMemoryBytes });
  await twin.change('c');
  for (const _turn of ['first', 'second']) twin.take(await twin.connect(wanted, { handle, cursor }));
  return twin.frames;
}

it.each<[string, Wanted, number]>([
  ['100 000, events', { mode: 'events' }, 100_000],
  ['2000, view', { mode: 'view' }, 2000],
])(
  'P10: a resume gets the same answer, and as soon again, with so much hidden activity (%s)',
  { timeout: 60_000 },
  async (_name, wanted, flood) => {
    const [quiet, busy] = [await away(new Twin(false), wanted, flood), await away(new Twin(true), wanted, flood)];
    expect(quiet.filter((frame) => frame.includes('"recovered":true'))).toHaveLength(2);
    expect(busy).toEqual(quiet);
  },
);
