import { afterEach, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../channels/event/json.ts';
import type { ControlBus, SessionPresence } from '../../channels/ports/control-bus.ts';
import { eventually } from './eventually.ts';

export interface ControlBusSuite {
  readonly name: string;
  /** A bus that is up. Buses of one test that are given different nodes reach each other, unless `alone`. */
  readonly create: (node: string, test: string) => Promise<ControlBus>;
  /** The technology has one node only. */
  readonly alone?: boolean;
}

/** What every control bus must do. */
export function registerControlBusTests({ name, create, alone = false }: ControlBusSuite): void {
  describe(`control bus: ${name}`, () => {
    const open: ControlBus[] = [];
    let serial = 0;
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus.close()));
      serial++;
    });

    const node = async (nodeName: string): Promise<ControlBus> => {
      const bus = await create(nodeName, `${name}-${process.pid}-${serial}`);
      open.push(bus);
      return bus;
    };

    it('brings a message to the sender once', async () => {
      const bus = await node('a');
      const heard: JsonValue[] = [];
      bus.on('policy', (message) => heard.push(message));
      await bus.publish('policy', { version: 1 });
      await bus.publish('policy', { version: 2 });
      await eventually(() => expect(heard).toEqual([{ version: 1 }, { version: 2 }]));
    });

    it('tells only listeners of the topic, and none that has ended', async () => {
      const bus = await node('a');
      const heard: JsonValue[] = [];
      const end = bus.on('one', (message) => heard.push(['ended', message]));
      bus.on('two', (message) => heard.push(['other topic', message]));
      bus.on('one', (message) => heard.push(message));
      end();
      await bus.publish('one', 'x');
      await eventually(() => expect(heard).toEqual(['x']));
    });

    it('survives a listener that throws', async () => {
      const bus = await node('a');
      const heard: JsonValue[] = [];
      bus.on('one', () => {
        throw new Error('listener fault');
      });
      bus.on('one', (message) => heard.push(message));
      await bus.publish('one', 1);
      await eventually(() => expect(heard).toEqual([1]));
    });

    it('knows announced sessions of a tenant until they are withdrawn', async () => {
      const bus = await node('a');
      await bus.announce(session('s1', 'a', 'acme'));
      await bus.announce(session('s2', 'a', 'other'));
      expect(await bus.sessions('acme')).toEqual([session('s1', 'a', 'acme')]);
      await bus.withdraw('s1');
      await bus.withdraw('never announced');
      expect(await bus.sessions('acme')).toEqual([]);
    });

    it('says that it is up', async () => {
      expect((await node('a')).state()).toBe('up');
    });

    describe.skipIf(alone)('between nodes', () => {
      it('brings a message to every node once, in order', async () => {
        const [a, b] = [await node('a'), await node('b')];
        const heard: JsonValue[] = [];
        b.on('kick', (message) => heard.push(message));
        for (let i = 0; i < 20; i++) await a.publish('kick', i);
        await eventually(() => expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => i)));
      });

      it('shows the sessions of all nodes', async () => {
        const [a, b] = [await node('a'), await node('b')];
        await a.announce(session('s1', 'a', 'acme'));
        await b.announce(session('s2', 'b', 'acme'));
        for (const bus of [a, b]) {
          expect((await bus.sessions('acme')).map(({ id }) => id).toSorted()).toEqual(['s1', 's2']);
        }
      });

      it('forgets the sessions of a node that closed', async () => {
        const [a, b] = [await node('a'), await node('b')];
        await a.announce(session('s1', 'a', 'acme'));
        await a.close();
        await eventually(async () => expect(await b.sessions('acme')).toEqual([]));
      });
    });
  });
}

function session(id: string, node: string, tenant: string): SessionPresence {
  return { id, node, tenant, sub: 'u1', roles: ['steward'], connectedAt: '2026-01-01T00:00:00.000Z', client: 'test/1' };
}
