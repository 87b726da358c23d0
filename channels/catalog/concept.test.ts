import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetChange, conceptChange, conceptDeletion, minute } from '../../test/harness/changes.ts';
import { anyListChange } from '../../test/harness/list-changes.ts';
import { conceptKinds } from '../event/head.ts';
import { parseEvent } from '../event/parse-event.ts';
import { forms } from '../forms/forms.ts';
import { applyChange } from './apply-change.ts';
import type { Change, ConceptPatch } from './change.ts';
import { conceptFields } from './concept.ts';
import type { CatalogDocument, ConceptDocument } from './document.ts';
import { diffContent } from './diff.ts';
import { headOf } from './head-of.ts';

const context = {
  recordedAt: '2026-05-05T10:00:00.000Z',
  elementKey: (_urn: string, element: string) => encodeURIComponent(element),
  parentsOf: () => [],
};

const word = fc.constantFrom('a', 'b/c', 'd~e', 'urn:gov:term:x', 'ä');
const words = anyListChange(word, word);
const owners = fc
  .array(word, { maxLength: 2 })
  .map((ids) => ({ mode: 'state' as const, list: ids.map((id) => ({ id, type: 'user' as const })) }));
const kind = fc.constantFrom(...conceptKinds);

/** A change of a kind, by one of two sources, in any order of their times. */
function changeOf(target: (typeof conceptKinds)[number]): fc.Arbitrary<Change> {
  const { texts, lists, states } = conceptFields[target];
  const members: Record<string, fc.Arbitrary<unknown>> = {
    ...{ name: word, type: word, owners, status: fc.constantFrom(...states) },
    ...Object.fromEntries(texts.map((field) => [field, fc.option(word)])),
    ...Object.fromEntries(lists.map((field) => [field, words])),
  };
  const patch = fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<ConceptPatch>;
  return fc
    .record({ patch, remove: fc.integer({ min: 0, max: 9 }), at: fc.nat(20), connector: fc.constantFrom('a', 'b') })
    .map(({ patch: said, remove, at, connector }) => {
      const facts = { target, connector, time: minute(at), completeness: 'delta' } as const;
      return remove > 0 ? conceptChange(said, facts) : conceptDeletion(facts);
    });
}

function leaves(document: CatalogDocument): Map<string, unknown> {
  const empty = { kind: document.kind, owners: [], synonyms: [], relatedTerms: [], experts: [], members: [] };
  return new Map(diffContent(empty as never, document, encodeURIComponent).map((op) => [op.path, op.new]));
}

const history = kind.chain((target) => fc.array(changeOf(target), { minLength: 1, maxLength: 12 }));

describe('terms, domains and teams', () => {
  it('are a function of their history, and events say what has changed, for any history', () => {
    fc.assert(
      fc.property(history, (changes) => {
        let held: CatalogDocument | undefined;
        for (const each of changes) {
          const applied = applyChange(held, each, context);
          expect(applyChange(structuredClone(held), structuredClone(each), context)).toEqual(applied);
          if (applied === undefined) continue;
          const { document, event } = applied;
          expect(document.head).toEqual(headOf(document));
          expect(document.version).toBe((held?.version ?? 0) + (event === undefined ? 0 : 1));
          if (event?.data.change.kind === 'changed' && held !== undefined) {
            const replayed = leaves(held);
            for (const op of event.data.change.ops) {
              expect(replayed.get(op.path)).toEqual(op.old);
              if (op.op === 'remove') replayed.delete(op.path);
              else replayed.set(op.path, op.new);
            }
            expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(leaves(document)));
          }
          held = document;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('have the fields of their kind, and lists even when nobody has said any', () => {
    const term = applyChange(undefined, conceptChange({ name: 'Balance' }), context)?.document as ConceptDocument;
    expect(term).toMatchObject({ kind: 'term', type: 'term', status: 'draft', synonyms: [], relatedTerms: [] });
    expect(term).not.toHaveProperty('members');
    const team = applyChange(undefined, conceptChange({}, { target: 'team', nativeId: 'payments' }), context)?.document;
    expect(team).toMatchObject({ kind: 'team', name: 'payments', status: 'active', members: [] });
  });

  it.each<[ConceptPatch, string]>([
    [{ status: 'active' }, 'term.status'],
    [{ description: 'x'.repeat(70_000) }, 'term.description'],
    [{ synonyms: { mode: 'state', list: Array.from({ length: 51 }, (_, n) => `s${n}`) } }, 'term.synonyms'],
  ])('are refused with the name of the field that does not fit: %#', (patch, place) => {
    expect(() => applyChange(undefined, conceptChange(patch), context)).toThrow(place);
  });

  it('a urn of another kind is refused', () => {
    const held = applyChange(undefined, assetChange(), context)?.document;
    const change = conceptChange({}, { urn: 'urn:gov:warehouse:orders' });
    expect(() => applyChange(held, change, context)).toThrow('is a asset; the message treats it as a term');
  });

  it('a deletion is remembered before anything else was heard, and what is older restores nothing', () => {
    const gone = applyChange(undefined, conceptDeletion({ time: minute(9) }), context)?.document;
    expect(gone?.status).toBe('deleted');
    const late = applyChange(gone, conceptChange({ name: 'old' }, { time: minute(3) }), context);
    expect(late?.document.status).toBe('deleted');
  });

  it('I23 a domain is in itself, by the id that assets name it by, and a term is about those it refers to', () => {
    const domain = conceptChange({}, { target: 'domain', urn: 'urn:gov:domain:retail' });
    expect(applyChange(undefined, domain, context)?.document.head.domain).toBe('retail');
    const refs = { parent: 'urn:gov:term:a', relatedTerms: { mode: 'state', list: ['urn:gov:term:b'] } } as const;
    const term = applyChange(undefined, conceptChange({ ...refs, domain: 'urn:gov:domain:retail' }), context);
    expect(term?.document.head).toMatchObject({ domain: 'retail', refs: ['urn:gov:term:a', 'urn:gov:term:b'] });
  });

  it('I23 an asset is in one domain, whichever way it names it', () => {
    const heads = ['retail', 'urn:gov:domain:retail'].map(
      (domain) => applyChange(undefined, assetChange({ domain }), context)?.document.head.domain,
    );
    expect(heads).toEqual(['retail', 'retail']);
  });

  it('R4 their events have a form that older nodes refuse, and those of assets the one that they read', () => {
    const of = (change: Change) => applyChange(undefined, change, context)?.event;
    const [term, asset] = [of(conceptChange()), of(assetChange())];
    expect([term?.v, asset?.v]).toEqual([forms.event.writes, 2]);
    expect([term?.type, asset?.type]).toEqual(['gov.term.defined.v1', 'gov.asset.created.v1']);
    for (const event of [term, asset]) expect(parseEvent(JSON.stringify(event))).toEqual(event);
  });
});
