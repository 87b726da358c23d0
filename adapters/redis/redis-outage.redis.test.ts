import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import type { JsonValue } from '../../channels/event/json.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { createRedisControlBus } from './redis-control-bus.ts';

// Stops a Redis of its own, so the binary must be on this machine.
const hasBinary = spawnSync('redis-server', ['--version']).status === 0;

describeWithServices(['redis'], 'Redis outage', () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  const faults: Error[] = [];
  const open: ControlBus[] = [];
  let port = 0;
  let redis: ChildProcess;
  let http: HttpServer | undefined;
  let io: Server | undefined;

  beforeEach(async () => {
    rejections.length = 0;
    faults.length = 0;
    process.on('unhandledRejection', onRejection);
    port = await freePort();
    if (hasBinary) redis = startRedis(port);
  });

  afterEach(async () => {
    await io?.close();
    http?.close();
    io = undefined;
    await Promise.all(open.splice(0).map((bus) => bus.close()));
    if (hasBinary) await stop(redis);
    process.off('unhandledRejection', onRejection);
  });

  const busOf = (node: string): ControlBus => {
    const bus = createRedisControlBus({
      url: `redis://127.0.0.1:${port}`,
      node,
      prefix: 'outage',
      onFault: (error) => faults.push(error),
    });
    open.push(bus);
    return bus;
  };
  const session = (id: string) => ({ id, node: 'a', tenant: 't', sub: 'u', roles: [], connectedAt: '', client: 'c' });

  it.skipIf(!hasBinary)('rejects nothing while Redis is away, serves its own node, and recovers', async () => {
    const [a, b] = [busOf('a'), busOf('b')];
    await eventually(() => expect([a.state(), b.state()]).toEqual(['up', 'up']));
    const heardByA: JsonValue[] = [];
    const heardByB: JsonValue[] = [];
    a.on('topic', (message) => heardByA.push(message));
    b.on('topic', (message) => heardByB.push(message));
    await a.announce(session('before'));

    await stop(redis);
    await eventually(() => expect([a.state(), b.state()]).toEqual(['down', 'down']));
    await a.publish('topic', 'lost for b');
    await a.announce(session('meanwhile'));
    await a.withdraw('before');
    expect(heardByA).toEqual(['lost for b']);
    expect((await a.sessions('t')).map(({ id }) => id)).toEqual(['meanwhile']);
    expect(await b.sessions('t')).toEqual([]);

    redis = startRedis(port);
    await eventually(() => expect([a.state(), b.state()]).toEqual(['up', 'up']));
    await a.publish('topic', 'after');
    await eventually(() => expect(heardByB).toEqual(['after']));
    await eventually(async () => expect((await b.sessions('t')).map(({ id }) => id)).toEqual(['meanwhile']));
    expect(faults.length).toBeGreaterThan(0);
    expect(rejections).toEqual([]);
  });

  it.skipIf(!hasBinary)('gives Socket.IO an adapter that survives an outage and can be closed in one', async () => {
    const bus = busOf('a');
    await eventually(() => expect(bus.state()).toBe('up'));
    http = createHttpServer();
    io = new Server(http, { adapter: bus.socketAdapter as NonNullable<ServerOptions['adapter']> });
    await stop(redis);
    await eventually(() => expect(bus.state()).toBe('down'));
    io.emit('anything', 1);
    io.in('room').disconnectSockets(true);
    io.of('/made-in-the-outage').emit('x');
    await io.close();
    await bus.close();
    // Rejections are reported after the microtasks of their turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejections).toEqual([]);
  });
});

function startRedis(port: number): ChildProcess {
  return spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
