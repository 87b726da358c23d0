import { expect, test } from 'vitest';
import type { SubscribedResult } from '../../channels/protocol/up.ts';
import { HubClientError } from '../hub-client-error.ts';
import { nextSubscription } from './next-subscription.ts';
import { type LinkEvent, newSubscription, requestOf, type SubscriptionState } from './subscription-state.ts';

const retryable = new HubClientError('storage-unavailable', 'away', { retryable: true, retryAfterMs: 7 });
const final = new HubClientError('unknown-subscription', 'given up', { retryable: false });

function answer(change: Partial<SubscribedResult> = {}): LinkEvent {
  const result = { id: 's', room: 'room', handle: 'handle', cursor: 'start', recovered: false, ...change };
  return { type: 'subscribed', result };
}

/** One subscription, told one thing after the other; says what was to be done after the last. */
function subscription(mode: 'events' | 'view' = 'events') {
  let state: SubscriptionState = newSubscription({ id: 's', channel: 'assets', ...(mode === 'view' && { mode }) });
  const tell = (link: number, ...events: readonly LinkEvent[]): readonly unknown[] => {
    let effects: readonly unknown[] = [];
    for (const event of events) ({ state, effects } = nextSubscription(state, { ...event, link }));
    return effects;
  };
  return { tell, request: () => requestOf(state), phase: (link: number) => state.attachments.get(link)?.phase };
}

test('ids are forgotten by new cursors of the only link, not while another catches up', () => {
  const { tell } = subscription();
  tell(1, { type: 'asked' }, answer(), { type: 'live' });
  expect(tell(1, { type: 'cursor', cursor: 'a' })).toEqual([{ type: 'rotate' }]);
  expect(tell(1, { type: 'cursor', cursor: 'a' })).toEqual([]);
  tell(2, { type: 'asked' });
  expect(tell(1, { type: 'cursor', cursor: 'b' })).toEqual([]);
  tell(2, { type: 'down' });
  expect(tell(1, { type: 'cursor', cursor: 'c' })).toEqual([{ type: 'rotate' }]);
});

test('a snapshot that has not said where it ends is nothing to go on from', () => {
  const { tell, request } = subscription('view');
  tell(1, { type: 'asked' }, answer({ cursor: '' }), { type: 'live' });
  expect(request()).not.toHaveProperty('cursor');
  expect(request()).not.toHaveProperty('handle');
  tell(1, { type: 'cursor', cursor: 'a' });
  expect(request()).toMatchObject({ handle: 'handle', cursor: 'a' });
});

test('other rights in the middle of a replay: forget, and a gap before it is live', () => {
  const { tell, request } = subscription();
  tell(1, { type: 'asked' }, answer({ recovered: true }), { type: 'replay', events: [], cursor: 'a' });
  const changed = { type: 'policy', room: 'other', handle: 'new', reason: 'token' } as const;
  expect(tell(1, changed)).toEqual([{ type: 'purge', reason: 'token' }]);
  expect(tell(1, { type: 'live' })).toEqual([{ type: 'gap', reason: 'policy' }, { type: 'live' }]);
  // what it did not get must not come later, behind what came since
  expect(request()).not.toHaveProperty('cursor');
  tell(1, { type: 'cursor', cursor: 'b' });
  expect(request()).toMatchObject({ handle: 'new', cursor: 'b' });
});

test('an end that may heal is asked for again, from where it was', () => {
  const { tell, request } = subscription();
  tell(1, { type: 'asked' }, answer(), { type: 'live' }, { type: 'cursor', cursor: 'a' });
  expect(tell(1, { type: 'ended', error: retryable })).toEqual([
    { type: 'paused' },
    { type: 'retry', link: 1, failures: 1, retryAfterMs: 7 },
  ]);
  expect(tell(1, { type: 'retry' })).toEqual([{ type: 'request', link: 1 }]);
  expect(request()).toMatchObject({ handle: 'handle', cursor: 'a' });
});

test('the end of one that was left does not end the one that is asked for under the same id', () => {
  const { tell, phase } = subscription('view');
  tell(1, { type: 'asked' }, answer({ cursor: '' }), { type: 'live' }, { type: 'incomplete', reason: 'log' });
  expect(tell(1, { type: 'retry' })).toEqual([{ type: 'leave', link: 1 }]);
  expect(tell(1, { type: 'left' })).toEqual([{ type: 'request', link: 1 }]);
  expect(tell(1, { type: 'ended', error: final })).toEqual([]);
  expect(phase(1)).toBe('requested');
  tell(2, { type: 'asked' });
  expect(tell(2, { type: 'ended', error: final })).toEqual([{ type: 'end', error: final }]);
});

test('of two links the older one is silent once the newer has begun anew; if that fails it is asked for again', () => {
  const { tell, phase } = subscription();
  tell(1, { type: 'asked' }, answer(), { type: 'live' }, { type: 'cursor', cursor: 'a' });
  tell(2, { type: 'asked' }, answer({ reason: 'too-large' }));
  const events = { type: 'events', events: [] } as const;
  expect(tell(1, events)).toHaveLength(1);
  expect(tell(2, { type: 'live' })).toEqual([
    { type: 'gap', reason: 'too-large' },
    { type: 'leave', link: 1 },
  ]);
  expect(tell(1, events)).toEqual([]);
  tell(1, { type: 'left' });
  expect(phase(1)).toBe('idle');
  expect(tell(2, { type: 'down' })).toEqual([{ type: 'paused' }, { type: 'request', link: 1 }]);
});
