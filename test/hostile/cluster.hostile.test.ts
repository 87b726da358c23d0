import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attacks, type AttackName } from '../../bench/attacks/attacks.ts';
import { describeWithServices } from '../setup/services.ts';
import { besiege, expectUnshaken, tell } from './siege.ts';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { openWorld, seed, type World } from './world.ts';

const documents = 1000;
/** What reaches the servers behind the hub; how connections are handled is the same without them. */
const names: readonly AttackName[] = ['slowReaders', 'sinceStorm', 'unreadAnswers', 'dearSubscriptions', 'busyTenant'];

describeWithServices(['kafka', 'mongo', 'redis'], 'a hub on Kafka, MongoDB and Redis under attack', (urls) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ environment: clusterEnvironment(urls, `hostile-${randomUUID().slice(0, 8)}`) });
    await seed(world.hub.url, world.attackerConnector, world.attackerTokens[0] ?? '', documents);
  });
  afterAll(() => world?.dispose());

  it.each(names)('R1 L7 L8: %s', async (name) => {
    const siege = await besiege(world, attacks[name]);
    tell(`cluster ${name}`, siege);
    expect(Object.values(siege.attack)[0]).toBeGreaterThan(5);
    await expectUnshaken(world, siege);
  });
});
