import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { Server, type ServerOptions } from 'socket.io';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonValue } from '../../channels/event/json.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { createRedisControlBus } from './redis-control-bus.ts';

describeWithServices(['redis'], 'what others publish to Redis', ({ redis }) => {
  const prefix = `poison-${randomUUID()}`;
  const heard: JsonValue[] = [];
  const faults: Error[] = [];
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown): number => uncaught.push(error);
  let bus: ControlBus;
  let other: ControlBus;
  let stranger: Redis;
  let io: Server;

  beforeEach(async () => {
    process.on('uncaughtException', onUncaught);
    bus = createRedisControlBus({ url: redis, node: 'a', prefix, onFault: (error) => faults.push(error) });
    other = createRedisControlBus({ url: redis, node: 'b', prefix });
    stranger = new Redis(redis);
    io = new Server(createServer(), { adapter: bus.socketAdapter } as Partial<ServerOptions>);
    bus.on('topic', (message) => heard.push(message));
    await eventually(() => expect([bus.state(), other.state()]).toEqual(['up', 'up']));
  });
  afterEach(async () => {
    process.off('uncaughtException', onUncaught);
    await io.close();
    await Promise.all([bus.close(), other.close(), stranger.quit()]);
  });

  it('R1: ends nobody, is told, and what follows is heard', async () => {
    const bytes = Buffer.from([0xc1, 0xff, 0x00]);
    for (const text of ['x', '', 'null', '7', '[]', '{}', '{"from":1,"topic":"topic"}', '{"from":"a"}'])
      await stranger.publish(`${prefix}:control`, text);
    for (const kind of ['', '-request', '-response'])
      for (const poison of [bytes, Buffer.from('x'), Buffer.from('{'), Buffer.from('null')])
        await stranger.publish(`${prefix}:socket.io${kind}#/#`, poison);
    await other.publish('topic', 'after all that');
    await eventually(() => expect(heard).toEqual(['after all that']));
    expect(uncaught).toEqual([]);
    expect(faults.length).toBeGreaterThanOrEqual(8);
  });

  it('R1: hides no session beside it in the list, and the bus stays up', async () => {
    const session = { id: 's', node: 'b', tenant: 't', sub: 'u', roles: [], connectedAt: '', client: 'c' };
    await other.announce(session);
    const texts = ['{"cut', 'null', '[]', '{"tenant":"t"}'];
    for (const [index, text] of texts.entries()) await stranger.hset(`${prefix}:presence:b`, `x${index}`, text);
    faults.length = 0;
    expect(await bus.sessions('t')).toEqual([session]);
    expect(bus.state()).toBe('up');
    expect(faults).toHaveLength(texts.length);
    await other.withdraw('s');
  });
});
