import { describe, expect, test } from 'vitest';
import { HubClientError } from '../hub-client-error.ts';
import {
  type ConnectionContext,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  maxRefusals,
  maxTimerMs,
  nextConnection,
  stableMs,
  startConnection,
} from './connection-state.ts';

const nowMs = 1_000_000;
const hourMs = 3_600_000;
const clean = { failures: 0, refusals: 0 };
const broken = new HubClientError('unreachable', 'gone', { retryable: true });
const context: ConnectionContext = {
  nowMs,
  random: 0.5,
  online: true,
  tokenRenewable: true,
  backoff: { minMs: 500, maxMs: 20_000 },
  connectTimeoutMs: 20_000,
  timeoutError: () => new HubClientError('unreachable', 'timeout', { retryable: true }),
};

const states = {
  connecting: { name: 'connecting', streak: clean },
  recovering: { name: 'recovering', streak: clean },
  live: { name: 'live', streak: clean, sinceMs: nowMs, expiresAtMs: nowMs + hourMs, refreshAtMs: nowMs },
  refreshing: { name: 'live', streak: clean, sinceMs: nowMs, expiresAtMs: nowMs + hourMs, refreshAtMs: null },
  backoff: { name: 'backoff', streak: { failures: 1, refusals: 0 }, wasLive: true, notBeforeMs: nowMs },
  closed: { name: 'closed', error: null },
} as const satisfies { [Name in ConnectionState['name']]: Extract<ConnectionState, { name: Name }> } & {
  /** `live` while a renewal of the token is under way. */
  refreshing: ConnectionState;
};

const events = {
  welcomed: { type: 'welcomed', expiresAtMs: nowMs + hourMs },
  failed: { type: 'failed', error: broken },
  timer: { type: 'timer' },
  wake: { type: 'wake' },
  'token-refreshed': { type: 'token-refreshed', expiresAtMs: nowMs + hourMs },
  'token-refresh-failed': { type: 'token-refresh-failed', error: broken },
  close: { type: 'close' },
} as const satisfies { [Type in ConnectionEvent['type']]: Extract<ConnectionEvent, { type: Type }> };

type Cell = readonly [ConnectionState['name'], ...ConnectionEffect['type'][]];
const lost: Cell = ['backoff', 'disconnect', 'report', 'set-timer'];
const ended: Cell = ['closed', 'clear-timer', 'disconnect'];

/** Every state with every event: a missing cell does not compile. */
const table: Record<keyof typeof states, Record<ConnectionEvent['type'], Cell>> = {
  connecting: {
    welcomed: ['live', 'set-timer'],
    failed: lost,
    timer: lost,
    wake: ['connecting'],
    'token-refreshed': ['connecting'],
    'token-refresh-failed': ['connecting'],
    close: ended,
  },
  recovering: {
    welcomed: ['live', 'set-timer'],
    failed: lost,
    timer: lost,
    wake: ['recovering'],
    'token-refreshed': ['recovering'],
    'token-refresh-failed': ['recovering'],
    close: ended,
  },
  live: {
    welcomed: ['live'],
    failed: lost,
    timer: ['live', 'refresh-token'],
    wake: ['live', 'check-alive'],
    'token-refreshed': ['live'],
    'token-refresh-failed': ['live'],
    close: ended,
  },
  refreshing: {
    welcomed: ['live'],
    failed: lost,
    timer: ['live'],
    wake: ['live', 'check-alive'],
    'token-refreshed': ['live', 'set-timer'],
    'token-refresh-failed': ['live', 'report', 'set-timer'],
    close: ended,
  },
  backoff: {
    welcomed: ['backoff'],
    failed: ['backoff'],
    timer: ['recovering', 'set-timer', 'open'],
    wake: ['backoff', 'set-timer'],
    'token-refreshed': ['backoff'],
    'token-refresh-failed': ['backoff'],
    close: ended,
  },
  closed: {
    welcomed: ['closed'],
    failed: ['closed'],
    timer: ['closed'],
    wake: ['closed'],
    'token-refreshed': ['closed'],
    'token-refresh-failed': ['closed'],
    close: ['closed'],
  },
};

describe('transition table', () => {
  for (const [name, row] of Object.entries(table)) {
    for (const [type, [next, ...effects]] of Object.entries(row)) {
      test(`${name} on ${type} -> ${next}`, () => {
        const result = nextConnection(
          states[name as keyof typeof states],
          events[type as keyof typeof events],
          context,
        );
        expect(result.state.name).toBe(next);
        expect(result.effects.map((effect) => effect.type)).toEqual(effects);
      });
    }
  }
});

function fail(state: ConnectionState, error: HubClientError, change: Partial<ConnectionContext> = {}) {
  return nextConnection(state, { type: 'failed', error }, { ...context, ...change });
}

function timerOf(effects: readonly ConnectionEffect[]): number | undefined {
  return effects.find((effect) => effect.type === 'set-timer')?.delayMs;
}

test('starts by opening under a deadline', () => {
  expect(startConnection(context)).toEqual({
    state: states.connecting,
    effects: [{ type: 'set-timer', delayMs: 20_000 }, { type: 'open' }],
  });
});

test('a first connection that never was live goes on connecting, not recovering', () => {
  const waiting = fail(states.connecting, broken).state;
  expect(nextConnection(waiting, events.timer, context).state.name).toBe('connecting');
});

describe('waiting', () => {
  test('doubles with each failure in a row', () => {
    const delays: (number | undefined)[] = [];
    let state: ConnectionState = states.connecting;
    for (let round = 0; round < 4; round += 1) {
      const failure = fail(state, broken);
      delays.push(timerOf(failure.effects));
      state = nextConnection(failure.state, events.timer, context).state;
    }
    expect(delays).toEqual([250, 500, 1000, 2000]);
  });

  test('adds what the hub asks for, and a wake does not shorten that', () => {
    const asked = new HubClientError('shutting-down', 'wait', { retryable: true, retryAfterMs: 5000 });
    const failure = fail(states.live, asked);
    expect(timerOf(failure.effects)).toBe(5250);
    expect(timerOf(nextConnection(failure.state, events.wake, context).effects)).toBe(5000);
  });

  test('a wake shortens a long wait to less than the smallest bound', () => {
    const late = { ...states.backoff, streak: { failures: 9, refusals: 0 } };
    expect(timerOf(nextConnection(late, events.wake, context).effects)).toBe(250);
  });

  test('without a network it tries at the slowest pace', () => {
    expect(timerOf(fail(states.live, broken, { online: false }).effects)).toBe(15_000);
  });

  test('a connection that broke at once does not end the streak, one that held does', () => {
    const live = { ...states.live, streak: { failures: 5, refusals: 0 } };
    expect(fail(live, broken).state).toMatchObject({ streak: { failures: 6 } });
    expect(fail({ ...live, sinceMs: nowMs - stableMs }, broken).state).toMatchObject({ streak: { failures: 1 } });
  });
});

describe('errors', () => {
  const expired = new HubClientError('token-expired', 'expired', { retryable: false });
  const refused = new HubClientError('unauthenticated', 'no', { retryable: false });
  const forbidden = new HubClientError('forbidden', 'no', { retryable: false });

  test('a refused fixed token closes with the error', () => {
    for (const error of [expired, refused]) {
      expect(fail(states.live, error, { tokenRenewable: false }).state).toEqual({ name: 'closed', error });
    }
  });

  test('what no retry can heal closes with the error and reports it', () => {
    const result = fail(states.connecting, forbidden);
    expect(result.state).toEqual({ name: 'closed', error: forbidden });
    expect(result.effects).toContainEqual({ type: 'report', error: forbidden });
  });

  test('an expired token is replaced at once, but only the first time in a row', () => {
    const first = fail(states.live, expired);
    expect(first.state.name).toBe('recovering');
    expect(first.effects.map((effect) => effect.type)).toEqual(['disconnect', 'report', 'set-timer', 'open']);
    expect(fail(first.state, expired).state.name).toBe('backoff');
  });

  test('a token function that only gives refused tokens is given up', () => {
    let state: ConnectionState = states.connecting;
    for (let round = 1; round < maxRefusals; round += 1) {
      state = nextConnection(fail(state, refused).state, events.timer, context).state;
      expect(state.name).toBe('connecting');
    }
    expect(fail(state, refused).state).toEqual({ name: 'closed', error: refused });
  });
});

describe('token renewal', () => {
  function welcome(lifetimeMs: number, change: Partial<ConnectionContext> = {}) {
    const event = { type: 'welcomed', expiresAtMs: nowMs + lifetimeMs } as const;
    return nextConnection(states.connecting, event, { ...context, ...change });
  }

  test('is due a tenth of the lifetime ahead, between 5 s and 1 min, spread by half', () => {
    expect(timerOf(welcome(hourMs).effects)).toBe(hourMs - 90_000);
    expect(timerOf(welcome(100_000).effects)).toBe(85_000);
    expect(timerOf(welcome(20_000).effects)).toBe(12_500);
  });

  test('never spins on tokens that expire too soon', () => {
    expect(timerOf(welcome(-5000).effects)).toBe(1000);
  });

  test('is not planned for a fixed token', () => {
    expect(welcome(hourMs, { tokenRenewable: false }).effects).toEqual([{ type: 'clear-timer' }]);
  });

  test('waits in steps for what a timer cannot hold', () => {
    const { state, effects } = welcome(Number.POSITIVE_INFINITY);
    expect(timerOf(effects)).toBe(maxTimerMs);
    expect(nextConnection(state, events.timer, context).effects).toEqual([{ type: 'set-timer', delayMs: maxTimerMs }]);
  });

  test('is asked for once and tried again while the old token holds', () => {
    const asked = nextConnection(states.live, events.timer, context);
    expect(nextConnection(asked.state, events.timer, context).effects).toEqual([]);
    const soon = { ...states.refreshing, expiresAtMs: nowMs + 8000 };
    expect(timerOf(nextConnection(soon, events['token-refresh-failed'], context).effects)).toBe(4000);
  });
});
