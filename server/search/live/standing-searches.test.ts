import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import { diffContent } from '../../../channels/catalog/diff.ts';
import type { AssetDocument } from '../../../channels/catalog/document.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { eventWords } from '../../../channels/search/event-words.ts';
import { parseSearchRequest } from '../../../channels/search/search-request.ts';
import { identityMask } from '../../../channels/wire/mask.ts';
import { Judge, Sight } from '../judge.ts';
import { StandingSearch } from './standing-search.ts';
import { type Affected, type DocumentChange, StandingSearches } from './standing-searches.ts';

const policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' as const }],
    careful: [{ allow: 'read' as const }, { deny: 'read' as const, where: { domain: 'secret' } }],
  },
};
const start = { epoch: 'e', vector: [] };
let made = 0;

function searchOf(asked: object, role = 'all'): StandingSearch {
  const who = { tenant: 'acme', sub: 'ada', claims: {}, expiresAtMs: 0, roles: [role] };
  const judge = new Judge(parseSearchRequest(asked), classOf(policy, who));
  const room = {
    name: 'r',
    selection: judge.request.selection,
    policyClass: judge.policyClass,
    members: 1,
    handle: undefined,
  };
  return new StandingSearch({ judge, room, key: String(made++), since: start, covers: () => true });
}

type Fields = Partial<Omit<AssetDocument, 'head'>>;

function changeOf(before: AssetDocument | undefined, after: AssetDocument): DocumentChange {
  const isGone = after.status === 'deleted';
  const heads = {
    before: before === undefined || before.status === 'deleted' ? null : before.head,
    after: isGone ? null : after.head,
  };
  const ops = before === undefined ? [] : diffContent(before, after, encodeURIComponent);
  const words = eventWords({ data: { change: { ops }, heads } } as unknown as HubEvent);
  const wordsNow = new Sight(after, after.head, identityMask).words;
  return { urn: 'urn:a', ...heads, words, wordsNow };
}

function placeOf({ judge }: StandingSearch, document: AssetDocument, head: Head | null): unknown {
  return head === null ? undefined : judge.rank(new Sight(document, head, judge.mask));
}

const text = fc
  .array(fc.constantFrom('customer', 'custmer', 'orders', 'data', 'base', 'old'), { maxLength: 3 })
  .map((all) => all.join(' '));
const fields: fc.Arbitrary<Fields> = fc.record({
  name: text.map((each) => each || 'n'),
  description: text,
  domain: fc.constantFrom('retail', 'secret'),
  status: fc.constantFrom('active' as const, 'active' as const, 'deleted' as const),
});
const request = fc.record(
  {
    q: fc.oneof(text, fc.constantFrom('cust', '-old', 'customer -old', 'database ', 'custoemr')),
    filter: fc.constantFrom({}, { domain: 'retail' }),
    facets: fc.subarray(['domain' as const]),
    sort: fc.subarray(['name' as const]),
  },
  { requiredKeys: ['q'] },
);

describe('StandingSearches', () => {
  it('R16 finds every search for which a change means something, and knows what it was before', () => {
    let [found, sure] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(request, fc.constantFrom('all', 'careful')), { minLength: 1, maxLength: 8 }),
        fc.option(fields),
        fields,
        (asked, one, other) => {
          const standing = new StandingSearches();
          const searches = asked.map(([each, role]) => searchOf(each, role));
          for (const search of searches) standing.add(search);
          const before = one === null ? undefined : sampleAsset('acme', 'urn:a', one);
          const after = sampleAsset('acme', 'urn:a', { ...other, version: 2 });
          const change = changeOf(before, after);
          const affected = new Map(
            [...standing.affected(change)].map((each): [StandingSearch, Affected] => [each.search, each]),
          );
          for (const search of searches) {
            const was = before === undefined ? undefined : placeOf(search, before, change.before);
            const is = placeOf(search, after, change.after);
            const hit = affected.get(search);
            const { facets } = search.judge.request;
            const isCounted = facets.length > 0 && is !== undefined && change.before?.domain !== change.after?.domain;
            if (JSON.stringify(was) !== JSON.stringify(is) || isCounted) expect(hit).toBeDefined();
            if (hit?.wasIn !== undefined) expect(hit.wasIn).toBe(was !== undefined);
            found += hit === undefined ? 0 : 1;
            sure += hit?.wasIn === undefined ? 0 : 1;
          }
          for (const search of searches) standing.remove(search);
          expect([standing.size, [...standing.affected(change)]]).toEqual([0, []]);
        },
      ),
      { numRuns: 500 },
    );
    expect([found > 500, sure > 250]).toEqual([true, true]);
  });

  it('runs nothing for a change that cannot matter', () => {
    const standing = new StandingSearches();
    for (const q of ['customer', 'orders', 'data base'])
      standing.add(searchOf({ q, facets: ['domain'], sort: ['name'] }));
    const asset = (given: Fields): AssetDocument => sampleAsset('acme', 'urn:a', { name: 'customer', ...given });
    const affected = (one: Fields, other: Fields): number =>
      [...standing.affected(changeOf(asset(one), asset(other)))].length;
    // an owner nobody sorts or counts by, words that nobody searches for, and a domain that matters to those with its word
    expect(affected({}, { owners: [{ id: 'ada', type: 'user' }] })).toBe(0);
    expect(affected({ description: 'some text' }, { description: 'other text' })).toBe(0);
    expect(affected({ domain: 'a' }, { domain: 'b' })).toBe(1);
    expect(affected({}, { description: 'orders' })).toBe(1);
  });
});
