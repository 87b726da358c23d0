import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetChange, assetDeletion, minute } from '../../test/harness/changes.ts';
import { anyListChange } from '../../test/harness/list-changes.ts';
import { applyChange } from './apply-change.ts';
import type { AssetPatch, Change } from './change.ts';
import { diffContent } from './diff.ts';
import type { AssetDocument, CatalogDocument } from './document.ts';
import { headOf } from './head-of.ts';

const context = {
  recordedAt: '2026-05-05T10:00:00.000Z',
  elementKey: (_urn: string, element: string) => encodeURIComponent(element),
  parentsOf: (_scheme: string, name: string) => (name === 'email' ? ['contact'] : []),
};

const word = fc.constantFrom('a', 'b/c', 'd~e', 'f.g', '$h', 'ä');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const tag = fc.record({
  scheme: fc.constantFrom('pii', 'atlas'),
  name: fc.constantFrom('email', 'contact', 'x/y'),
  origin: fc.constant('manual' as const),
  state: fc.constantFrom('confirmed' as const, 'suggested' as const),
});
const tags = anyListChange(tag, tag);
const words = anyListChange(word, word);
const column = fc.record({
  name: word,
  type: optional(fc.option(word)),
  description: optional(fc.option(word)),
  classifications: optional(tags),
});
const columns = anyListChange(column, word, 4);
const patch = fc
  .record({
    name: optional(word),
    type: optional(word),
    fqn: optional(fc.option(word)),
    description: optional(fc.option(word)),
    domain: optional(fc.option(word)),
    status: optional(fc.constantFrom('active' as const, 'deprecated' as const)),
    terms: optional(words),
    classifications: optional(tags),
    columns: optional(columns),
    aliases: optional(fc.array(word, { maxLength: 3 })),
    properties: optional(
      fc.dictionary(word, fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(null)), { maxKeys: 3 }),
    ),
  })
  .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as AssetPatch);
const change: fc.Arbitrary<Change> = fc
  .record({
    patch,
    remove: fc.integer({ min: 0, max: 9 }),
    at: fc.integer({ min: 0, max: 20 }),
    connector: fc.constantFrom('warehouse', 'lake'),
    delta: fc.boolean(),
  })
  .map(({ patch: said, remove, at, connector, delta }) => {
    const fields = { time: minute(at), connector, completeness: delta ? ('delta' as const) : ('state' as const) };
    return remove === 0 ? assetDeletion({ ...fields, purge: at > 10 }) : assetChange(cleaned(said), fields);
  });

/** Columns of the generator hold `undefined` for what is absent; a patch has no such member. */
function cleaned(said: AssetPatch): AssetPatch {
  return JSON.parse(JSON.stringify(said)) as AssetPatch;
}

/** Values by path, as ops speak of them: what a document differs from an empty one by. */
function leaves(document: AssetDocument): Map<string, unknown> {
  const empty = {
    kind: 'asset',
    name: undefined,
    type: undefined,
    status: undefined,
    owners: [],
    aliases: [],
    classifications: [],
    columns: [],
    terms: [],
    properties: [],
    quality: [],
  };
  return new Map(diffContent(empty as never, document, encodeURIComponent).map((op) => [op.path, op.new]));
}

describe('applyChange, for any history', { timeout: 30_000 }, () => {
  it('keeps its invariants at every step', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        let held: CatalogDocument | undefined;
        for (const each of changes) {
          const applied = applyChange(held, each, context);
          expect(applyChange(structuredClone(held), structuredClone(each), context)).toEqual(applied);
          if (applied === undefined) continue;
          const { document, event } = applied;
          expect(document.head).toEqual(headOf(document));
          expect(document.version).toBe((held?.version ?? 0) + (event === undefined ? 0 : 1));
          if (event !== undefined) expect(event.data.version).toBe(document.version);
          if (event === undefined) expect({ ...document, sources: [] }).toEqual({ ...held!, sources: [] });
          if (event?.data.change.kind === 'changed' && held !== undefined) {
            const replayed = leaves(held as AssetDocument);
            for (const op of event.data.change.ops) {
              expect(replayed.get(op.path)).toEqual(op.old);
              if (op.op === 'remove') replayed.delete(op.path);
              else replayed.set(op.path, op.new);
            }
            // a purge erases the content, and its event must not repeat it
            if (document.status !== 'purged')
              expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(leaves(document as AssetDocument)));
          }
          held = document;
        }
      }),
      { numRuns: 120 },
    );
  });

  it('is a pure function: neither the document nor the change is altered', () => {
    fc.assert(
      fc.property(change, change, (first, second) => {
        const held = applyChange(undefined, first, context)?.document;
        const before = JSON.stringify([held, second]);
        applyChange(held, second, context);
        expect(JSON.stringify([held, second])).toBe(before);
      }),
    );
  });
});
