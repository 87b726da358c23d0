import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ListChange, listChanges } from './list-changes.ts';

interface Item {
  readonly urn: string;
  readonly text: string;
}

const anyList = fc.uniqueArray(
  fc.record({
    urn: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'),
    text: fc.constantFrom('one', 'two'),
  }),
  { selector: ({ urn }) => urn, maxLength: 10 },
);

/** As a client that keeps a list takes the steps. */
function apply(list: readonly Item[], changes: readonly ListChange<Item>[]): readonly Item[] {
  const held = [...list];
  const indexOf = (urn: string): number => held.findIndex((each) => each.urn === urn);
  const put = (item: Item, after: Item | undefined): void => {
    const at = after === undefined ? 0 : indexOf(after.urn) + 1;
    expect(after === undefined || at > 0).toBe(true);
    held.splice(at, 0, item);
  };
  for (const change of changes) {
    const { kind, item } = change;
    const at = indexOf(item.urn);
    expect(at === -1).toBe(kind === 'enter');
    if (kind === 'update') held.splice(at, 1, item);
    if (kind === 'leave') held.splice(at, 1);
    if (kind === 'move') put(...([held.splice(at, 1)[0] ?? item, change.after] as const));
    if (kind === 'enter') put(item, change.after);
  }
  return held;
}

it('L13 the steps lead from any list to any other', () => {
  fc.assert(
    fc.property(anyList, anyList, (before, after) => {
      expect(apply(before, listChanges(before, after))).toEqual(after);
    }),
    { numRuns: 1000 },
  );
});

const list = (text: string): readonly Item[] => text.split('').map((urn) => ({ urn, text: 'one' }));
const steps = (before: string, after: string): string =>
  listChanges(list(before), list(after))
    .map(({ kind, item }) => `${kind} ${item.urn}`)
    .join(', ');

it.each([
  ['abcd', 'abcd', ''],
  ['abcd', 'dabc', 'move d'],
  ['abcd', 'bcda', 'move a'],
  ['abcd', 'acd', 'leave b'],
  ['abcd', 'abxcd', 'enter x'],
  ['abcd', 'xdab', 'leave c, enter x, move d'],
])('from %s to %s as little as possible is said', (before, after, expected) => {
  expect(steps(before, after)).toBe(expected);
});
