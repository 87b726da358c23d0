import { expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import type { IndexPosition } from '../../../channels/ports/search-index.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { parseSearchRequest } from '../../../channels/search/search-request.ts';
import { Judge, type Shown } from '../judge.ts';
import type { Found } from '../searcher.ts';
import { StandingSearch } from './standing-search.ts';

const policy = { version: 1, roles: { all: [{ allow: 'read' as const }] } };
const who = { tenant: 'acme', sub: 'ada', claims: {}, expiresAtMs: 0, roles: ['all'] };
const at = (offset: number): IndexPosition => ({ epoch: 'e', vector: [offset] });

function create(): StandingSearch {
  const judge = new Judge(parseSearchRequest({ q: 'orders', limit: 2, sort: ['name'] }), classOf(policy, who));
  const { selection } = judge.request;
  const room = { name: 'r', selection, policyClass: judge.policyClass, members: 1, handle: undefined };
  const covers = (one: IndexPosition, other: IndexPosition): boolean => (one.vector[0] ?? 0) >= (other.vector[0] ?? 0);
  return new StandingSearch({ judge, room, key: 'k', since: at(1), covers });
}

function shownBy(search: StandingSearch, name: string): Shown {
  const asset = sampleAsset('acme', `urn:${name}`, { name: `orders ${name}` });
  const shown = search.judge.judge(asset, asset.head);
  if (shown === undefined) throw new Error(`${name} is not found`);
  return shown;
}

function found(search: StandingSearch, names: readonly string[], more: Partial<Found['result']> = {}): Found {
  const shown = names.map((name) => shownBy(search, name));
  const hits = shown.map(({ urn, version }) => ({ urn, version }));
  const total = { value: names.length, relation: 'exact' as const };
  return { result: { hits, total, facets: {}, position: at(1), ...more }, shown, refused: 0, tookMs: 1 };
}

const urns = (search: StandingSearch): readonly string[] => search.urns.map((urn) => urn.slice(4));

it('R16 keeps what it has when the index ran out of time, and asks again', () => {
  const search = create();
  search.merge(found(search, ['a', 'b', 'c']), 10);
  expect([urns(search), search.knowsAll, search.dirt]).toEqual([['a', 'b', 'c'], true, undefined]);
  search.merge(found(search, ['c'], { isCutShort: true }), 20);
  expect([urns(search), search.dirt]).toEqual([['a', 'b', 'c'], { kind: 'list', sinceMs: 20, position: at(1) }]);
  search.merge(found(search, ['a', 'c']), 30);
  expect([urns(search), search.dirt]).toEqual([['a', 'c'], undefined]);
});

it('R16 takes a first result that ran out of time for what it is', () => {
  const search = create();
  search.merge(found(search, ['a'], { isCutShort: true }), 10);
  expect([urns(search), search.isReady, search.knowsAll, search.dirt?.kind]).toEqual([['a'], true, false, 'list']);
});

it('R16 asks again where the index was behind when the search began', () => {
  const search = create();
  search.merge(found(search, ['a'], { position: at(0) }), 10);
  expect([urns(search), search.knowsAll, search.dirt]).toEqual([
    ['a'],
    false,
    { kind: 'list', sinceMs: 10, position: at(1) },
  ]);
});

it('R16 the last of its hits stays where it is when it changes, though it is not known who follows', () => {
  const search = create();
  search.merge(found(search, ['a', 'b'], { position: at(0) }), 10);
  expect(search.knowsAll).toBe(false);
  const { rank } = shownBy(search, 'b');
  const changed = shownBy(search, 'b');
  const verdict = { urn: 'urn:b', version: changed.version + 1, position: at(2), wasIn: true, movesFacets: false };
  search.apply({ ...verdict, rank, show: () => ({ ...changed, version: changed.version + 1 }) }, 20);
  expect(urns(search)).toEqual(['a', 'b']);
  const beyond = shownBy(search, 'c');
  search.apply({ ...verdict, version: changed.version + 2, rank: beyond.rank, show: () => beyond }, 30);
  expect([urns(search), search.dirt?.kind]).toEqual([['a'], 'list']);
});
