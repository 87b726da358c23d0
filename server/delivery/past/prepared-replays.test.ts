import { expect, it } from 'vitest';
import { Ring } from '../../../channels/position/ring.ts';
import { PreparedReplays } from './prepared-replays.ts';
import { ReplayMemory } from './replay-memory.ts';
import type { Replay } from './replay.ts';
import { Sight } from './sight.ts';

const from = { epoch: '1', vector: [0], marks: [] };
const patient = (): AbortSignal => new AbortController().signal;

function world(): {
  readonly push: () => void;
  readonly ask: () => Promise<boolean>;
  readonly prepared: PreparedReplays;
} {
  const ring = new Ring([0], { maxBytes: 20, maxAgeMs: 1e9 });
  let next = 0;
  const position = (): typeof from => ({ ...from, vector: [next] });
  const gateway = {
    ring,
    get position() {
      return position();
    },
    get revision() {
      return next;
    },
  };
  const prepared = new PreparedReplays(
    new ReplayMemory(1e6, { elapsedMs: () => performance.now() }),
    new Sight(gateway, { newest: () => undefined }),
  );
  return {
    prepared,
    push: () => {
      next += 1;
      ring.push({
        partition: 0,
        offset: next - 1,
        appendedAtMs: 0,
        entity: 'acme|a',
        version: next,
        text: 'says this',
      });
    },
    /** Whether it had to be made. */
    ask: async () => {
      let isMade = false;
      const make = async (): Promise<{ readonly ok: true; readonly replay: Replay }> => {
        isMade = true;
        return { ok: true, replay: { from, to: position(), pieces: [], events: 0, bytes: 0 } };
      };
      await prepared.once({ room: 'r', from }, make, patient());
      return isMade;
    },
  };
}

it('is made once for many', async () => {
  const { push, ask } = world();
  push();
  expect([await ask(), await ask()]).toEqual([true, false]);
  push();
  expect(await ask()).toBe(false);
});

it('D8: is made anew when the ring has dropped what may have hidden something', async () => {
  const { push, ask } = world();
  push();
  expect(await ask()).toBe(true);
  for (let i = 0; i < 5; i++) push();
  expect(await ask()).toBe(true);
});

it('is wanted as long as anybody waits for it', async () => {
  const { prepared } = world();
  const [one, other] = [new AbortController(), new AbortController()];
  let isWanted = (): boolean => true;
  let finish: () => void = () => undefined;
  const make = (wanted: () => boolean): Promise<{ readonly ok: false; readonly reason: 'unavailable' }> => {
    isWanted = wanted;
    return new Promise((resolve) => (finish = () => resolve({ ok: false, reason: 'unavailable' })));
  };
  const asked = [one, other].map(({ signal }) => prepared.once({ room: 'r', from }, make, signal));
  await new Promise((resolve) => setImmediate(resolve));
  one.abort();
  expect(isWanted()).toBe(true);
  other.abort();
  expect(isWanted()).toBe(false);
  finish();
  await Promise.all(asked);
});
