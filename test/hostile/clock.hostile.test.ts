import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRawSession, payloadsOf } from '../harness/raw-socket.ts';
import { besiege, expectUnshaken, tell } from './siege.ts';
import { openWorld, type World } from './world.ts';

const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const library = `/usr/lib/${architecture}-linux-gnu/faketime/libfaketimeMT.so.1`;
const missing = existsSync(library) ? undefined : `no ${library}; install the Debian package faketime`;

describe.skipIf(missing !== undefined && process.env['CI'] !== 'true')('a hub whose clock is set', () => {
  const step = join(tmpdir(), `pursight-clock-${randomUUID()}`);
  let world: World;

  beforeAll(async () => {
    if (missing !== undefined) throw new Error(missing);
    writeFileSync(step, '+0');
    const environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: step,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    world = await openWorld({ environment });
  });
  afterAll(() => world?.dispose());

  it.each(['-3600', '+3600', '-60'])('R1: by %s s', async (seconds) => {
    const session = await openRawSession(world.hub.url, world.victimToken, {
      subscriptions: [{ id: 's', channel: 'assets' }],
    });
    const siege = await besiege(world, async () => {
      writeFileSync(step, seconds);
      await pause(1500);
      const before = payloadsOf(session, 'cursor').length;
      await pause(5500);
      return { cursors: payloadsOf(session, 'cursor').length - before };
    });
    tell(`clock by ${seconds} s`, siege);
    // without them every connection that breaks costs a long replay
    expect(siege.attack['cursors']).toBeGreaterThan(0);
    await expectUnshaken(world, siege);
    expect(session.isClosed).toBe(false);
    session.destroy();
  });
});
