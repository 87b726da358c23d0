import { describe, expect, test } from 'vitest';
import { HubClientError } from '../hub-client-error.ts';
import {
  type ConnectionContext,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  maxRefusals,
  maxTimerMs,
  stableMs,
} from './connection-state.ts';
import { nextConnection, startConnection } from './next-connection.ts';

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

const draining = { name: 'draining', streak: clean, sinceMs: nowMs, deadlineAtMs: nowMs + 30_000 } as const;
const states = {
  connecting: { name: 'connecting', streak: clean },
  recovering: { name: 'recovering', streak: clean },
  live: { name: 'live', streak: clean, sinceMs: nowMs, expiresAtMs: nowMs + hourMs, refreshAtMs: nowMs },
  refreshing: { name: 'live', streak: clean, sinceMs: nowMs, expiresAtMs: nowMs + hourMs, refreshAtMs: null },
  draining: { ...draining, next: { phase: 'waiting', streak: clean } },
  opening: { ...draining, next: { phase: 'opening', streak: clean } },
  catchingUp: {
    ...draining,
    next: { phase: 'catching-up', streak: clean, sinceMs: nowMs, expiresAtMs: nowMs + hourMs, goaway: null },
  },
  givenUp: { ...draining, next: { phase: 'given-up', streak: clean } },
  backoff: { name: 'backoff', streak: { failures: 1, refusals: 0 }, wasLive: true, notBeforeMs: nowMs },
  closed: { name: 'closed', error: null },
} as const satisfies { [Name in ConnectionState['name']]: Extract<ConnectionState, { name: Name }> } & {
  /** `live` while a renewal of the token is under way. */
  refreshing: ConnectionState;
  /** `draining` by what the next socket does. */
  opening: ConnectionState;
  catchingUp: ConnectionState;
  givenUp: ConnectionState;
};

const asks = { deadlineMs: 30_000, reconnectInMs: 2000 };
const events = {
  welcomed: { type: 'welcomed', expiresAtMs: nowMs + hourMs },
  failed: { type: 'failed', error: broken },
  goaway: { type: 'goaway', ...asks },
  'next-welcomed': { type: 'next-welcomed', expiresAtMs: nowMs + hourMs },
  'next-failed': { type: 'next-failed', error: broken },
  'next-goaway': { type: 'next-goaway', ...asks },
  'caught-up': { type: 'caught-up' },
  timer: { type: 'timer' },
  wake: { type: 'wake' },
  'token-refreshed': { type: 'token-refreshed', expiresAtMs: nowMs + hourMs },
  'token-refresh-failed': { type: 'token-refresh-failed', error: broken },
  close: { type: 'close' },
} as const satisfies { [Type in ConnectionEvent['type']]: Extract<ConnectionEvent, { type: Type }> };

type Cell = readonly [ConnectionState['name'], ...ConnectionEffect['type'][]];
const lost: Cell = ['backoff', 'disconnect', 'report', 'set-timer'];
const ended: Cell = ['closed', 'clear-timer', 'disconnect'];
const moved: Cell = ['live', 'promote-next', 'set-timer'];
const nextLost: Cell = ['draining', 'drop-next', 'report', 'set-timer'];

/** The row of a state in which nothing happens, but what is given. */
function row(name: ConnectionState['name'], cells: Partial<Record<ConnectionEvent['type'], Cell>>) {
  const nothing: Cell = [name];
  const all = Object.keys(events).map((type) => [type, nothing] as const);
  return { ...Object.fromEntries(all), close: ended, ...cells };
}

/** Every state with every event. */
const table: Record<keyof typeof states, Record<string, Cell>> = {
  connecting: row('connecting', { welcomed: ['live', 'set-timer'], failed: lost, timer: lost }),
  recovering: row('recovering', { welcomed: ['live', 'set-timer'], failed: lost, timer: lost }),
  live: row('live', {
    failed: lost,
    goaway: ['draining', 'set-timer'],
    timer: ['live', 'refresh-token'],
    wake: ['live', 'check-alive'],
  }),
  refreshing: row('live', {
    failed: lost,
    goaway: ['draining', 'set-timer'],
    wake: ['live', 'check-alive'],
    'token-refreshed': ['live', 'set-timer'],
    'token-refresh-failed': ['live', 'report', 'set-timer'],
  }),
  draining: row('draining', {
    failed: lost,
    timer: ['draining', 'set-timer', 'open-next'],
    wake: ['draining', 'check-alive'],
  }),
  opening: row('draining', {
    failed: ['recovering', 'promote-next', 'report'],
    timer: nextLost,
    'next-welcomed': ['draining', 'set-timer'],
    'next-failed': nextLost,
    wake: ['draining', 'check-alive'],
  }),
  catchingUp: row('draining', {
    failed: moved,
    timer: moved,
    'caught-up': moved,
    'next-failed': nextLost,
    wake: ['draining', 'check-alive'],
  }),
  givenUp: row('draining', { failed: lost, wake: ['draining', 'check-alive'] }),
  backoff: row('backoff', { timer: ['recovering', 'set-timer', 'open'], wake: ['backoff', 'set-timer'] }),
  closed: row('closed', { close: ['closed'] }),
};

describe('transition table', () => {
  for (const [name, cells] of Object.entries(table)) {
    for (const [type, [next, ...effects]] of Object.entries(cells)) {
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

describe('moving to another node', () => {
  const forbidden = new HubClientError('forbidden', 'no', { retryable: false });

  test('begins when the hub says, and ends at the deadline at the latest', () => {
    const asked = nextConnection(states.live, events.goaway, context);
    expect(timerOf(asked.effects)).toBe(2000);
    expect(timerOf(nextConnection(states.opening, events['next-welcomed'], context).effects)).toBe(30_000);
  });

  test('a next that fails is tried again with growing waits, which go on if the first breaks as well', () => {
    const first = nextConnection(states.opening, events['next-failed'], context);
    expect(timerOf(first.effects)).toBe(250);
    const again = nextConnection(first.state, events.timer, context);
    const second = nextConnection(again.state, events['next-failed'], context);
    expect(timerOf(second.effects)).toBe(500);
    expect(timerOf(fail(second.state, broken).effects)).toBe(1000);
  });

  test('what no retry can heal ends nothing while the first serves', () => {
    const refused = nextConnection(states.opening, { type: 'next-failed', error: forbidden }, context);
    expect(refused.state).toMatchObject({ name: 'draining', next: { phase: 'given-up' } });
    expect(refused.effects.map(({ type }) => type)).toEqual(['drop-next', 'report', 'clear-timer']);
  });

  test('a next whose node stops as well is left in its turn', () => {
    const told = nextConnection(states.catchingUp, events['next-goaway'], context);
    const promoted = nextConnection(told.state, events['caught-up'], context);
    expect(promoted.state).toMatchObject({ name: 'draining', next: { phase: 'waiting' } });
    expect(promoted.effects).toEqual([{ type: 'promote-next' }, { type: 'set-timer', delayMs: 2000 }]);
  });
});
