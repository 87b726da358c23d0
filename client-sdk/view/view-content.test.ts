import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyWireItem } from '../../channels/protocol/down.ts';
import { change, type Changes, find, replace } from './view-content.ts';

const urns = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const item = (urn: string, version: number): AnyWireItem => ({ entity: { urn, name: `${urn}${version}` } });
const content = fc
  .dictionary(fc.constantFrom(...urns), fc.nat(3))
  .map((versions) => urns.flatMap((urn) => (urn in versions ? [item(urn, versions[urn] ?? 0)] : [])));
const changed = fc
  .array(fc.tuple(fc.constantFrom(...urns, '0', 'z'), fc.option(fc.nat(3))), { maxLength: 6 })
  .map((list): Changes => new Map(list.map(([urn, version]) => [urn, version === null ? null : item(urn, version)])));

const byUrn = (items: readonly AnyWireItem[]): Map<string, AnyWireItem> =>
  new Map(items.map((each) => [each.entity.urn, each]));

test('a change gives what a map would, in order, says what came, changed and went, and keeps what is equal', () => {
  fc.assert(
    fc.property(content, changed, (before, changes) => {
      const { items, entered, updated, left } = change(before, changes);
      const [known, wanted] = [byUrn(before), byUrn(before)];
      for (const [urn, next] of changes) {
        if (next === null) wanted.delete(urn);
        else wanted.set(urn, next);
      }
      expect(items).toEqual(
        [...wanted.values()].toSorted((one, other) => (one.entity.urn < other.entity.urn ? -1 : 1)),
      );
      const now = byUrn(items);
      expect(entered).toEqual([...now.keys()].filter((urn) => !known.has(urn)));
      expect(left).toEqual([...known.keys()].filter((urn) => !now.has(urn)));
      const others = [...now].filter(([urn, each]) => known.has(urn) && known.get(urn) !== each);
      expect(updated).toEqual(others.map(([urn]) => urn));
      for (const [urn, each] of others) expect(each).not.toEqual(known.get(urn));
      if (entered.length + updated.length + left.length === 0) expect(items).toBe(before);
      for (const urn of urns) expect(find(items, urn)).toBe(now.get(urn));
    }),
  );
});

test('a snapshot replaces the content: what it does not name goes', () => {
  fc.assert(
    fc.property(content, content, (before, snapshot) => {
      const { items, left } = replace(before, new Map(snapshot.map((each) => [each.entity.urn, each])));
      expect(items).toEqual(snapshot);
      const now = byUrn(snapshot);
      expect(left).toEqual(before.map(({ entity }) => entity.urn).filter((urn) => !now.has(urn)));
      for (const each of items) {
        const known = find(before, each.entity.urn);
        if (known !== undefined && JSON.stringify(known) === JSON.stringify(each)) expect(each).toBe(known);
      }
    }),
  );
});
