import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postCloudEvent } from '../harness/hub-api.ts';
import { startHubProcess } from '../harness/hub-process.ts';
import { openWorld, type World } from './world.ts';

/** Longer than any sign of life of a holder may be late. */
const frozenMs = 8000;

describe('a data folder whose hub is frozen', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    if (world !== undefined) process.kill(world.hub.pid, 'SIGCONT');
    await world?.dispose();
  });

  it('R1: is not given to another one, and goes on being written by the first', async () => {
    process.kill(world.hub.pid, 'SIGSTOP');
    await pause(frozenMs);
    await expect(startHubProcess({ dataDir: world.folder })).rejects.toThrow('storage-locked');
    process.kill(world.hub.pid, 'SIGCONT');
    const data = { asset: { type: 'table', name: 't' } };
    const event = { id: 'thawed', type: 'gov.asset.created', subject: 't', data };
    const answer = await postCloudEvent(world.hub.url, world.victimConnector, world.victimToken, event);
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
  });
});
