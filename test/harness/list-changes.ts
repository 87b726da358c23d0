import fc from 'fast-check';
import type { ListChange } from '../../channels/catalog/change.ts';

/** Any change of a list: its state, or what was added and removed by its key. `most`: items of a state. */
export function anyListChange<Item, Key>(
  item: fc.Arbitrary<Item>,
  key: fc.Arbitrary<Key>,
  most = 3,
): fc.Arbitrary<ListChange<Item, Key>> {
  return fc.oneof(
    fc.record({ mode: fc.constant('state' as const), list: fc.array(item, { maxLength: most }) }),
    fc.record({
      mode: fc.constant('delta' as const),
      add: fc.array(item, { maxLength: 2 }),
      remove: fc.array(key, { maxLength: 2 }),
    }),
  );
}
