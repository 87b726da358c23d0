import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf, textOf } from '../ui/json.ts';
import { type Form, listIn, mergeForms, patchBack, patchOf, sameForm } from './form.ts';

const text = fc.constantFrom('', 'a', 'b', 'c');
const people = ['ada', 'bob', 'cem', 'dee'] as const;
const list = fc.uniqueArray(fc.constantFrom(...people), { maxLength: 4 });
const form: fc.Arbitrary<Form> = fc.record({
  texts: fc.record({ description: text, domain: text, status: fc.constantFrom('active', 'deprecated') }),
  lists: fc.record({ owners: list, terms: list }),
});

/** As the hub applies a patch. */
function applied(base: Form, patch: ReturnType<typeof patchOf>): Form {
  const texts = Object.keys(base.texts).flatMap((field) => (field in patch ? [[field, textOf(patch[field])]] : []));
  const lists = Object.keys(base.lists).map((field) => {
    const changes = Object.entries(recordOf(patch[field]));
    const removed = new Set(changes.filter(([, value]) => value === null).map(([id]) => id));
    const before = listIn(base, field);
    const added = changes.filter(([id, value]) => value !== null && !before.includes(id)).map(([id]) => id);
    return [field, [...before.filter((id) => !removed.has(id)), ...added]];
  });
  return { texts: { ...base.texts, ...Object.fromEntries(texts) }, lists: Object.fromEntries(lists) };
}

describe('a patch', () => {
  it('leads from one form to the other, and undone back again', () => {
    fc.assert(
      fc.property(form, form, (base, mine) => {
        const after = applied(base, patchOf(base, mine));
        expect(sameForm(after, mine)).toBe(true);
        expect(sameForm(applied(after, patchBack(mine, base, { was: {}, isLayered: false })), base)).toBe(true);
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

  it('back says no more what nobody had said, where there is a source below', () => {
    const [from, to] = [
      { texts: { a: 'x', b: 'x' }, lists: {} },
      { texts: { a: '1', b: '2' }, lists: {} },
    ];
    expect(patchBack(from, to, { was: { curated: { b: {} } }, isLayered: true })).toEqual({ a: null, b: '2' });
    expect(patchBack(from, to, { was: {}, isLayered: false })).toEqual({ a: '1', b: '2' });
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
        for (const field of Object.keys(base.texts)) {
          const [was, now, of] = [base, mine, theirs].map(({ texts }) => texts[field]);
          expect(merged.texts[field]).toBe(was === now ? of : now);
          expect(conflicts.includes(field)).toBe(was !== now && was !== of && now !== of);
        }
        for (const field of Object.keys(base.lists))
          for (const id of people) {
            const [was, isMine, isTheirs] = [base, mine, theirs].map((each) => listIn(each, field).includes(id));
            expect(listIn(merged, field).includes(id)).toBe(isMine === was ? isTheirs : isMine);
          }
      }),
    );
  });

  it('what a part of a form does not name is theirs', () => {
    const theirs = { texts: { a: 'new', b: 'b' }, lists: { owners: ['ada', 'bob'] } };
    const [after, before] = [
      { texts: { a: 'new' }, lists: { owners: ['ada'] } },
      { texts: { a: 'old' }, lists: { owners: [] } },
    ];
    expect(mergeForms(after, before, theirs)).toEqual({
      ...{ form: { texts: { a: 'old', b: 'b' }, lists: { owners: ['bob'] } }, conflicts: [] },
    });
  });
});
