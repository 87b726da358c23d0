import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isFaultless, runChaos } from '../harness/chaos/run-chaos.ts';
import { canRunBroker } from '../setup/own-broker.ts';
import { canRunServers } from '../setup/own-server.ts';

const possible = (await canRunBroker()) && (await canRunServers());
/** The same faults again: set it to the seed that a failure names. `npm run chaos` runs for longer. */
const seed = Number(process.env['PURSIGHT_CHAOS_SEED'] ?? randomInt(2 ** 31));

describe.skipIf(!possible)('chaos', () => {
  it(
    'D1 D2 D3 D5 D8 I1 I4 I5 I9: whatever fails, each client gets what is due, once, in order, or is told of a gap',
    { timeout: 600_000 },
    async () => {
      console.log(`chaos seed ${seed}`);
      const lines = [`seed ${seed}`];
      const onProgress = (line: string): void => void lines.push(line);
      const result = await runChaos({ seed, durationMs: 45_000, clients: 60, onProgress }).catch((error: unknown) => {
        throw new Error([...lines, String(error)].join('\n'), { cause: error });
      });
      const { problems, ended, crashes, ...counts } = result;
      console.log(JSON.stringify(counts));
      expect({ problems, ended, crashes }, lines.join('\n')).toEqual({
        problems: [],
        ended: [],
        crashes: [],
      });
      expect(isFaultless(result)).toBe(true);
      // that there was something to lose
      expect(result.events).toBeGreaterThan(500);
      expect(result.deliveries).toBeGreaterThan(500);
      expect(Object.keys(result.faults).length).toBeGreaterThan(4);
    },
  );
});
