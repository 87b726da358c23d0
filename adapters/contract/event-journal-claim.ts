import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import type { JournalContext } from './journal-context.ts';
import { sampleEpoch } from './journal-samples.ts';

/** One writer at a time. */
export function registerClaimTests(context: JournalContext): void {
  const holder = async () => (await context.second.status(sampleEpoch)).holder;

  it('gives the claim to one, who may renew it', async () => {
    const { journal, second } = context;
    expect(await journal.claim('one', 60_000)).toBe(true);
    expect(await second.claim('two', 60_000)).toBe(false);
    expect(await journal.claim('one', 60_000)).toBe(true);
    expect(await holder()).toBe('one');
  });

  it('gives it to exactly one of many', async () => {
    const { journal, second } = context;
    const names = Array.from({ length: 10 }, (_, i) => `node-${i}`);
    const answers = await Promise.all(
      names.map((name, index) => (index % 2 === 0 ? journal : second).claim(name, 60_000)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await holder()).toBe(names[answers.indexOf(true)]);
  });

  it('gives it to another when it has ended', async () => {
    const { journal, second } = context;
    expect(await journal.claim('one', 100)).toBe(true);
    await eventually(async () => expect(await second.claim('two', 60_000)).toBe(true));
    expect(await journal.claim('one', 60_000)).toBe(false);
  });

  it('names nobody when it has ended', async () => {
    await context.journal.claim('one', 100);
    await eventually(async () => expect(await holder()).toBeUndefined());
  });

  it('is free at once when its holder gives it up, and only then', async () => {
    const { journal, second } = context;
    await journal.claim('one', 60_000);
    await second.release('two');
    expect(await second.claim('two', 60_000)).toBe(false);
    await journal.release('one');
    await journal.release('one');
    expect(await holder()).toBeUndefined();
    expect(await second.claim('two', 60_000)).toBe(true);
  });
}
