import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import { HubClientError } from '../hub-client-error.ts';
import {
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionState,
  type Transition,
} from './connection-state.ts';
import { nextConnection, startConnection } from './next-connection.ts';

/** What the driver would hold; the invariants are about this, not about the states. */
interface World {
  nowMs: number;
  hasSocket: boolean;
  hasNext: boolean;
  timerMs: number | null;
}

const codes: readonly ErrorCode[] = ['unreachable', 'token-expired', 'unauthenticated', 'forbidden', 'shutting-down'];
const error = fc
  .record({ code: fc.constantFrom(...codes), retryAfterMs: fc.option(fc.nat(60_000), { nil: undefined }) })
  .map(
    ({ code, retryAfterMs }) =>
      new HubClientError(code, code, {
        retryable: code === 'unreachable' || code === 'shutting-down',
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
  );
const lifetimeMs = fc.integer({ min: -10_000, max: 10_000_000 });
const asks = fc.record({ deadlineMs: fc.nat(60_000), reconnectInMs: fc.nat(20_000) });
const step = fc.record({
  waitMs: fc.nat(120_000),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  online: fc.boolean(),
  event: fc.oneof(
    { weight: 4, arbitrary: lifetimeMs.map((expiresAtMs): ConnectionEvent => ({ type: 'welcomed', expiresAtMs })) },
    { weight: 4, arbitrary: error.map((failure): ConnectionEvent => ({ type: 'failed', error: failure })) },
    { weight: 6, arbitrary: fc.constant<ConnectionEvent>({ type: 'timer' }) },
    { weight: 2, arbitrary: fc.constant<ConnectionEvent>({ type: 'wake' }) },
    { weight: 2, arbitrary: asks.map((ask): ConnectionEvent => ({ type: 'goaway', ...ask })) },
    { weight: 1, arbitrary: asks.map((ask): ConnectionEvent => ({ type: 'next-goaway', ...ask })) },
    { weight: 2, arbitrary: fc.constant<ConnectionEvent>({ type: 'caught-up' }) },
    { weight: 2, arbitrary: error.map((failure): ConnectionEvent => ({ type: 'next-failed', error: failure })) },
    {
      weight: 3,
      arbitrary: lifetimeMs.map((expiresAtMs): ConnectionEvent => ({ type: 'next-welcomed', expiresAtMs })),
    },
    {
      weight: 1,
      arbitrary: lifetimeMs.map((expiresAtMs): ConnectionEvent => ({ type: 'token-refreshed', expiresAtMs })),
    },
    {
      weight: 1,
      arbitrary: error.map((failure): ConnectionEvent => ({ type: 'token-refresh-failed', error: failure })),
    },
  ),
});

test('whatever happens: one socket, two while it moves, never stuck, never early, closed for good', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, tokenRenewable) => {
      const world: World = { nowMs: 1_000_000, hasSocket: false, hasNext: false, timerMs: null };
      const base = { ...contextBase, tokenRenewable, nowMs: world.nowMs, random: 0.5, online: true };
      let state = perform(world, startConnection(base));
      for (const { waitMs, random, online, event } of steps) {
        if (event.type === 'timer' && world.timerMs === null) continue;
        world.nowMs = event.type === 'timer' ? Math.max(world.nowMs, world.timerMs ?? 0) : world.nowMs + waitMs;
        if (event.type === 'timer') world.timerMs = null;
        const before = JSON.stringify(state);
        const next = nextConnection(state, at(event, world), { ...base, nowMs: world.nowMs, random, online });
        expect(JSON.stringify(state)).toBe(before);
        checkStep(state, next, world);
        state = perform(world, next);
        checkState(state, world, tokenRenewable);
      }
      perform(world, nextConnection(state, { type: 'close' }, base));
      expect(world).toMatchObject({ hasSocket: false, hasNext: false, timerMs: null });
    }),
    { numRuns: 500 },
  );
});

const contextBase = {
  backoff: { minMs: 500, maxMs: 20_000 },
  connectTimeoutMs: 20_000,
  timeoutError: () => new HubClientError('unreachable', 'timeout', { retryable: true }),
} satisfies Partial<ConnectionContext>;

/** Lifetimes are generated relative to now. */
function at(event: ConnectionEvent, { nowMs }: World): ConnectionEvent {
  return 'expiresAtMs' in event ? { ...event, expiresAtMs: nowMs + event.expiresAtMs } : event;
}

function perform(world: World, { state, effects }: Transition): ConnectionState {
  for (const effect of effects) {
    if (effect.type === 'open') {
      expect(world.hasSocket, 'a socket is opened only when there is none').toBe(false);
      world.hasSocket = true;
    }
    if (effect.type === 'open-next') {
      expect(world.hasSocket && !world.hasNext, 'a next is opened only beside a first').toBe(true);
      world.hasNext = true;
    }
    if (effect.type === 'drop-next') world.hasNext = false;
    if (effect.type === 'promote-next') {
      expect(world.hasNext, 'only a next that is there takes the place of the first').toBe(true);
      world.hasNext = false;
    }
    if (effect.type === 'disconnect') Object.assign(world, { hasSocket: false, hasNext: false });
    if (effect.type === 'clear-timer') world.timerMs = null;
    if (effect.type === 'set-timer') {
      expect(effect.delayMs).toBeGreaterThanOrEqual(0);
      world.timerMs = world.nowMs + effect.delayMs;
    }
  }
  return state;
}

function checkStep(before: ConnectionState, { state, effects }: Transition, world: World): void {
  if (before.name === 'closed') expect({ state, effects }).toEqual({ state: before, effects: [] });
  const opens = effects.some((effect) => effect.type === 'open');
  if (before.name === 'backoff' && opens) expect(world.nowMs).toBeGreaterThanOrEqual(before.notBeforeMs);
}

function checkState(state: ConnectionState, world: World, tokenRenewable: boolean): void {
  expect(world.hasSocket).toBe(state.name !== 'backoff' && state.name !== 'closed');
  const phase = state.name === 'draining' ? state.next.phase : null;
  expect(world.hasNext).toBe(phase === 'opening' || phase === 'catching-up');
  if (phase === 'given-up') return;
  if (state.name === 'closed') expect(world.timerMs).toBeNull();
  else if (state.name !== 'live') expect(world.timerMs, `${state.name} must not be stuck`).not.toBeNull();
  else if (!tokenRenewable) expect(world.timerMs).toBeNull();
}
