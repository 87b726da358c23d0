import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks, type AttackName } from '../../bench/attacks/attacks.ts';
import { enginesHere } from '../harness/engines.ts';
import { besiege, expectUnshaken, type Siege, tell } from './siege.ts';
import { openWorld, seed, type World } from './world.ts';

const documents = 1500;
/** What depends on the engine; the rest is the same on both. */
const ofTransport: readonly AttackName[] = [
  'slowReaders',
  'unreadAnswers',
  'floodOfUnknownKeys',
  'floodOfLargeTexts',
  'floodOfBinary',
  'floodOfTinyMessages',
  'zombies',
  'strangers',
  'tinyChunks',
  'unreadSubscriptions',
  'endlessImports',
];
/** What must be seen in the report, or nothing was attacked. */
const traces: Readonly<Record<AttackName, (report: Siege['attack']) => void>> = {
  slowReaders: ({ opened }) => expect(opened).toBeGreaterThanOrEqual(8),
  sinceStorm: ({ asked }) => expect(asked).toBeGreaterThan(30),
  unreadAnswers: ({ asked }) => expect(asked).toBeGreaterThanOrEqual(80),
  floodOfUnknownKeys: ({ closed }) => expect(closed).toBeGreaterThan(0),
  floodOfLargeTexts: ({ closed }) => expect(closed).toBeGreaterThan(0),
  floodOfBinary: ({ closed }) => expect(closed).toBeGreaterThan(0),
  floodOfTinyMessages: ({ closed }) => expect(closed).toBeGreaterThan(0),
  steadyNonsense: ({ sent }) => expect(sent).toBeGreaterThan(8),
  zombies: ({ left, leftOpen }) =>
    expect([left, leftOpen]).toEqual([
      expect.toSatisfy((n: number) => n > 50),
      expect.toSatisfy((n: number) => n <= 20),
    ]),
  strangers: ({ knocked, refused }) =>
    expect([knocked, refused]).toEqual([expect.toSatisfy((n: number) => n > 50), knocked]),
  tinyChunks: ({ chunks }) => expect(chunks).toBeGreaterThan(8000),
  dearSubscriptions: ({ refused, events }) =>
    expect([refused, events]).toEqual([
      expect.toSatisfy((n: number) => n > 0),
      expect.toSatisfy((n: number) => n > 10),
    ]),
  busyTenant: ({ sent }) => expect(sent).toBeGreaterThan(500),
  standingSearches: ({ searches, answered }) =>
    expect([searches, answered]).toEqual([180, expect.toSatisfy((n: number) => n > 0)]),
  dearSearches: ({ asked }) => expect(asked).toBeGreaterThan(20),
  dearQueries: ({ answered }) => expect(answered).toBeGreaterThan(0),
  unreadSubscriptions: ({ asked, events }) =>
    expect([asked, events]).toEqual([
      expect.toSatisfy((n: number) => n > 100),
      expect.toSatisfy((n: number) => n > 10),
    ]),
  endlessImports: ({ sent, kept }) =>
    expect([sent, kept]).toEqual([expect.toSatisfy((n: number) => n > 20), expect.toSatisfy((n: number) => n > 0)]),
};

for (const engine of await enginesHere()) {
  describe(`a hub on embedded storage and ${engine} under attack`, () => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld({ environment: { PURSIGHT_WS_ENGINE: engine } });
      await seed(world.hub.url, world.attackerConnector, world.attackerTokens[0] ?? '', documents);
    });
    afterAll(() => world?.dispose());

    const names = engine === 'uws' ? (Object.keys(attacks) as AttackName[]) : ofTransport;
    it.each(names)('R1 L7 L8: %s', async (name) => {
      const siege = await besiege(world, attacks[name]);
      tell(`${engine} ${name}`, siege);
      traces[name](siege.attack);
      await expectUnshaken(world, siege);
    });
  });
}
