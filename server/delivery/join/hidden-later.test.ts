import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import type { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { ModelClient } from '../../../test/harness/model-client.ts';
import { lastTold, live, ResumeWorld } from '../../../test/harness/resume-world.ts';
import type { World } from '../../../test/harness/world.ts';

let fixture: ResumeWorld;
let log: MemoryEventLog;
let world: World;

beforeEach(() => {
  fixture = new ResumeWorld();
  ({ log, world } = fixture);
});
afterEach(() => fixture.stop());

const startNode: ResumeWorld['startNode'] = (options) => fixture.startNode(options);
const caughtUp: ResumeWorld['caughtUp'] = (node) => fixture.caughtUp(node);
const assets = { channel: 'assets', mode: 'events' } as const;

describe('the past, when it is handed over', () => {
  it('D8: what is hidden while a client reads is not in the pieces that it gets afterwards', async () => {
    const node = await startNode();
    const careful = { roles: ['careful'] };
    const client = new ModelClient([assets]);
    await live(client, node, careful);
    client.disconnect();
    for (let i = 0; i < 40; i++) await world.change(`a${i}`, { description: 'x'.repeat(20_000), name: `NAME-${i}-` });
    await caughtUp(node);
    await client.connect(node, careful);
    const { connection } = client;
    connection!.unreadBytes = 300 * 1024;
    await eventually(() => expect(connection!.names).toContain('subscribed'));
    await world.change('a39', { domain: 'secret' });
    await caughtUp(node);
    connection!.unreadBytes = 0;
    await eventually(() => expect(connection!.names).toContain('live'));
    const text = JSON.stringify(connection!.sent);
    expect([text.includes('NAME-38-'), text.includes('NAME-39-')]).toEqual([true, false]);
    client.read();
    expect(client.subscriptions[0]!.handed.filter(({ kind }) => kind === 'leave')).toHaveLength(1);
  });

  it('D8: a record that the log repeats long after brings nothing back that was hidden since', async () => {
    const first = await startNode({ ringMaxAgeMs: 2000 });
    const careful = { roles: ['careful'] };
    const client = new ModelClient([assets]);
    await live(client, first, careful);
    const early = await world.change('a', { name: 'BOARD SALARIES' });
    await world.change('a', { domain: 'secret' });
    await world.journal();
    await caughtUp(first);
    log.nowMs += 600_000;
    for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) await world.change(name, {});
    await caughtUp(first);
    client.read();
    client.disconnect();
    await log.append([early]);
    const again = await startNode({ ringMaxAgeMs: 2000 });
    for (const node of [first, again]) {
      await caughtUp(node);
      await live(client, node, careful);
      expect(lastTold(client)).toMatchObject({ recovered: true });
      const shown = client.connection!.sent.map(([, message]) => JSON.stringify(message));
      expect(shown.filter((text) => text.includes('SALARIES'))).toEqual([]);
      client.disconnect();
    }
  });

  it.each(['up all the time', 'started again'])(
    'D3: a record that comes again after a freeze brings nothing back, though the journal is behind, on a node %s',
    async (which) => {
      let node = await startNode({ ringMaxAgeMs: 2000 });
      const early = await world.change('a', {});
      await world.change('a', { status: 'deleted' });
      await caughtUp(node);
      log.nowMs += 60_000;
      for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) await world.change(name, {});
      if (which === 'started again') node = await startNode({ ringMaxAgeMs: 2000 });
      await caughtUp(node);
      // it knows nothing of what was
      const client = new ModelClient([{ channel: 'assets', mode: 'view' }]);
      await live(client, node);
      await log.append([early]);
      await caughtUp(node);
      client.read();
      expect([...client.subscriptions[0]!.items.keys()]).toEqual(
        ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `urn:${name}`),
      );
      const late = new ModelClient([assets]);
      await live(late, node);
      expect(late.subscriptions[0]!.handed).toEqual([]);
    },
  );

  it('L7: one who asks for more of the past than it may is told when to ask again, and others are served', async () => {
    const node = await startNode({ replayMemoryBytes: 1_048_576 });
    const since = new Date(log.nowMs).toISOString();
    for (let i = 0; i < 30; i++) await world.change(`a${i}`, { description: 'x'.repeat(200) });
    await caughtUp(node);
    const connection = await node.connect({}, { sub: 'greedy' }, 'greedy');
    const ask = (index: number): Promise<unknown> =>
      connection.request('subscribe', {
        id: `s${index}`,
        channel: 'assets',
        filter: { name: { $ne: `x${index}` } },
        since,
      });
    const answers: unknown[] = [];
    for (let index = 0; index < 20; index++) answers.push(await ask(index));
    expect(answers[0]).toMatchObject({ ok: true, recovered: true });
    expect(answers.at(-1)).toMatchObject({
      ok: false,
      error: { code: 'rate-limited', retryable: true, retryAfterMs: expect.any(Number) },
    });
    const modest = await node.connect({}, { sub: 'modest' }, 'modest');
    expect(await modest.request('subscribe', { id: 'a', channel: 'assets', since })).toMatchObject({ recovered: true });
  });
});
