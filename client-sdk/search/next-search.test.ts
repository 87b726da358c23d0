import { expect, test } from 'vitest';
import { HubClientError } from '../hub-client-error.ts';
import { sampleHit } from '../testing/contract-server.ts';
import { nextSearch } from './next-search.ts';
import { newSearch, type SearchEffect, type SearchEvent, type SearchState, statusOf } from './search-state.ts';

/** The state after events, and what was to be done for them. */
function after(...events: readonly SearchEvent[]): { readonly state: SearchState; readonly effects: SearchEffect[] } {
  let state = newSearch('q', { q: 'a' });
  const effects: SearchEffect[] = [];
  for (const event of events) {
    const step = nextSearch(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

function up(link: number): SearchEvent {
  return { type: 'up', isOffered: true, link };
}

function result(link: number, name: string, rev = 1): SearchEvent {
  const message = { rev, room: `room ${link} ${rev}`, hits: [sampleHit(name)], facets: {} };
  return { type: 'result', message: { ...message, total: { value: 1, relation: 'exact' } }, link };
}

const accepted = (link: number): SearchEvent => ({ type: 'accepted', link });
const shown = ({ content }: SearchState): unknown => content?.hits[0]?.entity.name;
const linksAsked = (effects: readonly SearchEffect[]): unknown =>
  effects.flatMap((effect) => (effect.type === 'request' ? [[effect.link, effect.asked.rev]] : []));

test('D9: what an older link still answers does not take the place of what the newer has said', () => {
  const both = [up(1), accepted(1), result(1, 'one'), up(2), { type: 'query', query: { q: 'b' } }] as const;
  const { state, effects } = after(...both, accepted(2), result(2, 'two'), accepted(1), result(1, 'late', 2));
  expect([shown(state), state.source, statusOf(state)]).toEqual(['two', 2, 'live']);
  // the older is not asked any more either
  expect(linksAsked(effects)).toEqual([
    [1, 1],
    [2, 1],
    [1, 2],
    [2, 2],
  ]);
  const again = nextSearch(state, { type: 'down', link: 2 });
  expect([statusOf(again.state), linksAsked(again.effects)]).toEqual(['stale', [[1, 2]]]);
});

test('an older link that answers late is not asked for what the newer is asked', () => {
  const { effects } = after(
    ...[up(1), up(2), accepted(2), result(2, 'two'), { type: 'query', query: { q: 'b' } } as const],
    ...[accepted(1), result(1, 'late')],
  );
  expect(linksAsked(effects)).toEqual([
    [1, 1],
    [2, 1],
    [2, 2],
  ]);
});

test('D9: a newer link that answers an earlier query waits until it has answered the later', () => {
  const { state, effects } = after(
    ...[up(1), accepted(1), result(1, 'one'), up(2), { type: 'query', query: { q: 'b' } } as const],
    ...[accepted(1), result(1, 'newest', 2), accepted(2), result(2, 'older', 1)],
  );
  expect([shown(state), state.source]).toEqual(['newest', 1]);
  expect(linksAsked(effects)).toContainEqual([2, 2]);
});

test.each([
  ['rate-limited', 'live'],
  ['unknown-subscription', 'stale'],
] as const)('refused as %s, the result before is %s', (code, status) => {
  const error = new HubClientError(code, 'no', { retryable: code === 'rate-limited', retryAfterMs: 20 });
  const { state, effects } = after(
    ...[up(1), accepted(1), result(1, 'one'), { type: 'query', query: { q: 'b' } } as const],
    { type: 'refused', error, link: 1 },
  );
  expect([shown(state), statusOf(state)]).toEqual(['one', status]);
  expect(effects.at(-1)).toEqual({ type: 'retry', link: 1, failures: 1, retryAfterMs: 20 });
});

test('an answer to nothing, and what comes after the end, means nothing', () => {
  const { state } = after(up(1), accepted(1), result(1, 'one'));
  for (const event of [result(1, 'other', 7), result(3, 'other'), { type: 'retry', link: 1 }, up(1)] as const)
    expect(nextSearch(state, event)).toEqual({ state, effects: [] });
  const ended = nextSearch(state, { type: 'close' });
  expect(ended.effects).toEqual([
    { type: 'leave', link: 1 },
    { type: 'end', error: null },
  ]);
  expect(nextSearch(ended.state, result(1, 'other')).state).toBe(ended.state);
});
