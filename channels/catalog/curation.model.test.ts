import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assetChange, minute } from '../../test/harness/changes.ts';
import { applyChange } from './apply-change.ts';
import type { AssetPatch, CurationPatch } from './change.ts';
import type { AssetDocument, CatalogDocument } from './document.ts';
import { headOf } from './head-of.ts';
import { loweredTag } from './lowered.ts';

const context = { parentsOf: () => [] };
const text = fc.constantFrom('', 'a', 'b', 'c');
const state = fc.constantFrom('confirmed' as const, 'suggested' as const);

const tag = fc.record({
  scheme: fc.constant('pii'),
  name: fc.constantFrom('x', 'y'),
  origin: fc.constant('automated' as const),
  state,
  level: fc.integer({ min: 1, max: 3 }),
});
const tags = fc
  .uniqueArray(tag, { maxLength: 2, selector: ({ name }) => name })
  .map((list) => ({ mode: 'state' as const, list }));

/** The whole state of a source. */
const scanned: fc.Arbitrary<AssetPatch> = fc.record({
  description: fc.option(text, { nil: null }),
  domain: fc.option(fc.constantFrom('retail', 'risk'), { nil: null }),
  status: fc.constantFrom('active' as const, 'deprecated' as const),
  owners: fc
    .uniqueArray(fc.constantFrom('ada', 'bob', 'eve'))
    .map((ids) => ({ mode: 'state' as const, list: ids.map((id) => ({ id, type: 'user' as const })) })),
  terms: fc.uniqueArray(fc.constantFrom('t', 'u')).map((list) => ({ mode: 'state' as const, list })),
  properties: fc.record({ p: fc.constantFrom(1, 2, null), q: fc.constantFrom(1, null) }),
  classifications: tags,
  columns: fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom('id', 'email'),
        description: fc.option(text, { nil: null }),
        classifications: tags,
      }),
      { selector: ({ name }) => name },
    )
    .map((list) => ({ mode: 'state' as const, list })),
});

const word = fc.option(
  fc.record({ state: fc.constantFrom('confirmed' as const, 'rejected' as const) }, { requiredKeys: ['state'] }),
);
const tagWord = (name: string) => word.map((value) => ({ scheme: 'pii', name, word: value }));

/** One member each, and what somebody may say of it. */
const members: readonly fc.Arbitrary<CurationPatch>[] = [
  fc.option(text, { nil: null }).map((description) => ({ description })),
  fc.option(fc.constantFrom('', 'retail', 'sales')).map((domain) => ({ domain })),
  fc.constantFrom('active' as const, 'deprecated' as const, null).map((status) => ({ status })),
  ...['ada', 'bob'].map((id) =>
    fc.boolean().map((is) => ({ owners: [{ key: id, value: is ? { id, type: 'group' as const } : null }] })),
  ),
  ...['t', 'u'].map((term) => fc.boolean().map((is) => ({ terms: [{ key: term, value: is ? term : null }] }))),
  ...['p', 'q'].map((key) => fc.constantFrom(1, 2, null).map((value) => ({ properties: [{ key, value }] }))),
  ...['x', 'y'].map((name) => tagWord(name).map((each) => ({ classifications: [each] }))),
  ...['id', 'email'].flatMap((name) => [
    fc.option(text, { nil: null }).map((description) => ({ columns: [{ name, description }] })),
    tagWord('x').map((each) => ({ columns: [{ name, classifications: [each] }] })),
  ]),
].map((member) => fc.tuple(member, fc.boolean()).map(([patch, mayDeclassify]) => ({ ...patch, mayDeclassify })));

type Step = { readonly scan: AssetPatch } | { readonly say: CurationPatch; readonly by: string };

let clock = 0;
function step(held: CatalogDocument | undefined, each: Step): CatalogDocument | undefined {
  clock += 1;
  const recordedAt = new Date(Date.UTC(2026, 5, 1) + clock * 1000).toISOString();
  const change =
    'scan' in each
      ? assetChange({ type: 'table', name: 'orders', ...each.scan }, { time: recordedAt })
      : assetChange(
          { curated: each.say },
          { connector: 'hub', completeness: 'delta', actor: { id: each.by }, time: minute(0) },
        );
  return applyChange(held, change, { ...context, recordedAt })?.document ?? held;
}

function run(steps: readonly Step[]): AssetDocument {
  const document = steps.reduce<CatalogDocument | undefined>(step, undefined);
  if (document?.kind !== 'asset') throw new Error('no asset');
  return document;
}

/** Without how it came about; order of lists says nothing. */
function contentOf(document: AssetDocument): object {
  const { version: _v, updatedAt: _u, createdAt: _c, sources: _s, owners, terms, columns, ...rest } = document;
  const bare = columns.map(({ key: _key, ...column }) => column);
  return {
    ...rest,
    owners: owners.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    terms: terms.toSorted(),
    columns: bare.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

const said = fc
  .shuffledSubarray([...members.keys()])
  .chain((chosen) =>
    fc.tuple(...chosen.map((index) => (members[index] ?? fc.constant({})).map((say) => ({ say, by: `p${index}` })))),
  );

it('S5 patches of different people commute, whatever the source says before and after', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(
      scanned,
      said.chain((steps) => fc.tuple(fc.constant(steps), fc.shuffledSubarray(steps, { minLength: steps.length }))),
      scanned,
      (before, [one, other], after) => {
        const first = { scan: before };
        expect(contentOf(run([first, ...one]))).toEqual(contentOf(run([first, ...other])));
        const last = { scan: after };
        expect(contentOf(run([first, ...one, last]))).toEqual(contentOf(run([first, ...other, last])));
      },
    ),
    { numRuns: 60 },
  );
});

it(
  'S1 what sources and people say are two layers: each can be taken off, and the head is of both',
  { timeout: 30_000 },
  () => {
    fc.assert(
      fc.property(
        fc.array(scanned, { minLength: 1, maxLength: 3 }),
        fc.array(said, { maxLength: 2 }),
        (scans, words) => {
          const steps: Step[] = [];
          for (const [index, scan] of scans.entries()) steps.push({ scan }, ...(words[index] ?? []));
          const document = run(steps);
          expect(document.head).toEqual(headOf(document));
          const bare = step(document, { say: { replaces: true }, by: 'all' });
          const clean = run(scans.map((scan) => ({ scan })));
          if (bare?.kind !== 'asset') throw new Error('no asset');
          const { curated, ...rest } = contentOf(bare) as AssetDocument;
          expect(rest).toEqual(contentOf(clean));
          // of columns that are not there nobody has said anything else
          expect(Object.keys(curated ?? {}).filter((field) => field !== 'absentColumns')).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  },
);

it(
  'S3 what lowers no tag takes none out of the head, and a rejection without the right lowers no suggestion',
  { timeout: 30_000 },
  () => {
    const rejection = fc.constantFrom<CurationPatch>(
      { classifications: [{ scheme: 'pii', name: 'x', word: { state: 'rejected' } }] },
      { columns: [{ name: 'email', classifications: [{ scheme: 'pii', name: 'x', word: { state: 'rejected' } }] }] },
    );
    const words = said.map((steps) => steps.map(({ say, by }) => ({ say: { ...say, mayDeclassify: false }, by })));
    fc.assert(
      fc.property(scanned, said, scanned, words, rejection, (first, before, second, after, reject) => {
        const held = run([{ scan: first }, ...before, { scan: second }]);
        const levels = ({ head }: AssetDocument): ReadonlyMap<string, number> => {
          const highest = new Map<string, number>();
          for (const { name, level } of [...head.classifications, ...head.columnClassifications])
            highest.set(name, Math.max(level ?? -1, highest.get(name) ?? -1));
          return highest;
        };
        for (const next of [...after, { say: reject, by: 'all' }]) {
          const result = step(held, next);
          if (result?.kind !== 'asset') throw new Error('no asset');
          if (loweredTag(held, result) !== undefined) {
            // only what is confirmed can be lowered by a rejection without the right
            if (next.say === reject) expect(held.head.confirmedTags).toContain('pii/x');
            continue;
          }
          expect(result.head.tags).toEqual(expect.arrayContaining([...held.head.tags]));
          expect(result.head.confirmedTags).toEqual(expect.arrayContaining([...held.head.confirmedTags]));
          const now = levels(result);
          for (const [name, level] of levels(held)) expect(now.get(name)).toBeGreaterThanOrEqual(level);
        }
      }),
      { numRuns: 60 },
    );
  },
);
