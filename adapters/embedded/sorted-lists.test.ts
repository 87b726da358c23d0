import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from './embedded-environment.ts';
import { SortedLists } from './sorted-lists.ts';

describe('sorted lists', () => {
  let folder: string;
  let environment: EmbeddedEnvironment;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-lists-'));
    environment = await createEmbeddedEnvironment({ folder });
  });
  afterEach(async () => {
    await environment.close();
    await rm(folder, { recursive: true });
  });

  function all(lists: SortedLists, list: string): readonly string[] {
    const found: string[] = [];
    for (let page = lists.page(list, ''); page.length > 0; page = lists.page(list, found.at(-1) ?? ''))
      found.push(...page);
    return found;
  }

  it('holds what sets of texts would hold, in order, whatever is put in and taken out', async () => {
    const lists = new SortedLists(environment.table('lists', { encoding: 'string' }));
    const text = fc.oneof(
      fc.nat(2000).map((n) => `urn:gov:a:${n}`),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 6 })
        .filter((each) => !Array.from({ length: each.length }, (_, i) => each.charCodeAt(i)).some((unit) => unit < 10)),
    );
    const step = fc.record({
      list: fc.constantFrom('t|a', 't|ab', 'u|a'),
      texts: fc.uniqueArray(text, { maxLength: 300 }),
      isAdded: fc.boolean(),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        run += 1;
        const expected = new Map<string, Set<string>>();
        for (const { list: name, texts, isAdded } of steps) {
          const list = `${name}${run}`;
          const held = expected.get(list) ?? new Set<string>();
          expected.set(list, held);
          for (const each of texts) {
            if (isAdded) held.add(each);
            else held.delete(each);
          }
          const [added, removed] = isAdded ? [texts, []] : [[], texts];
          await environment.transact(() => lists.change(list, { added: new Set(added), removed: new Set(removed) }));
        }
        for (const [list, texts] of expected) {
          expect(all(lists, list)).toEqual([...texts].toSorted(compareText));
          expect(lists.count(list)).toBe(texts.size);
        }
      }),
      { numRuns: 60 },
    );
  });
});
