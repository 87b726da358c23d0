import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssetForm, mergeForms, patchOf, sameForm } from './asset-form.ts';

const text = fc.constantFrom('', 'a', 'b', 'c');
const list = fc.uniqueArray(fc.constantFrom('ada', 'bob', 'cem', 'dee'), { maxLength: 4 });
const form: fc.Arbitrary<AssetForm> = fc.record({
  ...{ description: text, domain: text, status: fc.constantFrom('active', 'deprecated') },
  ...{ owners: list, terms: list },
});

/** As the hub applies a patch. */
function applied(base: AssetForm, patch: ReturnType<typeof patchOf>): AssetForm {
  const texts = Object.fromEntries(Object.entries(patch).filter(([, value]) => typeof value === 'string'));
  const members = (field: 'owners' | 'terms'): readonly string[] => {
    const changes = Object.entries(Object(patch[field] ?? {}) as object);
    const removed = new Set(changes.filter(([, value]) => value === null).map(([id]) => id));
    const added = changes.filter(([id, value]) => value !== null && !base[field].includes(id)).map(([id]) => id);
    return [...base[field].filter((id) => !removed.has(id)), ...added];
  };
  return { ...base, ...texts, owners: members('owners'), terms: members('terms') };
}

describe('a patch', () => {
  it('leads from one form to the other, and undone back again', () => {
    fc.assert(
      fc.property(form, form, (base, mine) => {
        const after = applied(base, patchOf(base, mine));
        expect(sameForm(after, mine)).toBe(true);
        expect(sameForm(applied(after, patchOf(mine, base)), base)).toBe(true);
      }),
    );
  });

  it('names only what differs', () => {
    fc.assert(
      fc.property(form, (base) => {
        expect(patchOf(base, base)).toEqual({});
      }),
    );
  });
});

describe('a merge', () => {
  it('without changes of mine is theirs, without changes of theirs mine, and of equal changes both', () => {
    fc.assert(
      fc.property(form, form, (base, other) => {
        for (const [mine, theirs] of [
          [base, other],
          [other, base],
          [other, other],
        ] as const) {
          const { form: merged, conflicts } = mergeForms(base, mine, theirs);
          expect([conflicts, sameForm(merged, other)]).toEqual([[], true]);
        }
      }),
    );
  });

  it('loses nobody: each change of theirs stays but for the conflicts, and each of mine', () => {
    fc.assert(
      fc.property(form, form, form, (base, mine, theirs) => {
        const { form: merged, conflicts } = mergeForms(base, mine, theirs);
        for (const field of ['description', 'domain', 'status'] as const) {
          if (base[field] !== mine[field]) expect(merged[field]).toBe(mine[field]);
          else expect(merged[field]).toBe(theirs[field]);
          const bothDiffer = base[field] !== mine[field] && base[field] !== theirs[field];
          expect(conflicts.includes(field)).toBe(bothDiffer && mine[field] !== theirs[field]);
        }
        for (const field of ['owners', 'terms'] as const)
          for (const id of ['ada', 'bob', 'cem', 'dee']) {
            const [was, isMine, isTheirs] = [base, mine, theirs].map((each) => each[field].includes(id));
            const wanted = isMine === was ? isTheirs : isMine;
            expect(merged[field].includes(id)).toBe(wanted);
          }
      }),
    );
  });
});
