import { expect, it } from 'vitest';
import { Ring } from '../../channels/position/ring.ts';
import type { Made } from './prepared-replays.ts';
import { PreparedReplays } from './prepared-replays.ts';

const from = { epoch: '1', vector: [0], marks: [] };

/** A ring that keeps two entries, one of which says what is hidden. */
function world(): { readonly push: (text: string) => void; readonly ask: () => Promise<boolean> } {
  const ring = new Ring([0], { maxBytes: 20, maxAgeMs: 1e9 });
  let next = 0;
  const position = (): typeof from => ({ ...from, vector: [next] });
  const prepared = new PreparedReplays({ ring: () => ring, position });
  const made = (): Made => {
    const resume = { ok: true, from, to: position(), pieces: [], events: 0 } as const;
    return { ok: true, resume, entities: new Set(['acme|a']) };
  };
  return {
    push: (text) => {
      next += 1;
      ring.push({ partition: 0, offset: next - 1, appendedAtMs: 0, entity: 'acme|a', version: next, text });
    },
    /** Whether it had to be made. */
    ask: async () => {
      let isMade = false;
      const make = async (): Promise<Made> => ((isMade = true), made());
      await prepared.once({ room: 'r', from }, (text) => text === 'hides it', make);
      return isMade;
    },
  };
}

it('is made once for many', async () => {
  const { push, ask } = world();
  push('says this');
  expect([await ask(), await ask()]).toEqual([true, false]);
  push('says that');
  expect(await ask()).toBe(false);
});

it('D8: is made anew when something that it shows has been hidden since', async () => {
  const { push, ask } = world();
  push('says this');
  expect(await ask()).toBe(true);
  push('hides it');
  expect([await ask(), await ask()]).toEqual([true, false]);
});

it('D8: is made anew when the ring has dropped what may have hidden something', async () => {
  const { push, ask } = world();
  push('says this');
  expect(await ask()).toBe(true);
  push('hides it');
  for (let i = 0; i < 4; i++) push('says more');
  expect(await ask()).toBe(true);
});
