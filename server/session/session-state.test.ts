import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOf } from '../../channels/policy/policy-class.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import type { SelectionMode } from '../../channels/wire/form.ts';
import type { Room } from '../delivery/outlet/room.ts';
import { RoomRegistry } from '../delivery/tick/room-registry.ts';
import { newSession, type SessionEffect, type SessionEvent, type SessionState, step } from './session-state.ts';

function room(name: string, mode: SelectionMode = 'events'): Room {
  const policyClass = classOf(
    { version: 1, roles: {} },
    { tenant: 'acme', sub: 'a', roles: [], claims: {}, expiresAtMs: 0 },
  );
  return {
    name,
    selection: createSelection('assets', undefined, { mode }),
    policyClass,
    members: 1,
    handle: undefined,
  };
}

const [r1, r2, r3, v1, v2] = [room('r1'), room('r2'), room('r3'), room('v1', 'view'), room('v2', 'view')] as const;
const holding = (...entries: readonly (readonly [string, Room])[]): SessionState => ({
  phase: 'open',
  subscriptions: new Map(entries.map(([id, each]) => [id, { room: each, live: true }])),
});
const waiting = (id: string, each: Room): SessionState => ({
  phase: 'open',
  subscriptions: new Map([[id, { room: each, live: false }]]),
});
const brief = (effects: readonly SessionEffect[]): readonly string[] =>
  effects.map((effect) => `${effect.type} ${effect.room.name}`);

describe('session state', () => {
  it.each<[string, SessionState, SessionEvent, readonly string[], readonly string[]]>([
    [
      'a subscription that is asked for joins nothing yet',
      newSession,
      { type: 'reserved', id: 'a', room: r1 },
      [],
      ['a'],
    ],
    ['the first that has caught up joins', waiting('a', r1), { type: 'caught-up', id: 'a' }, ['join r1'], ['a']],
    [
      'the second of a room joins nothing',
      step(holding(['a', r1]), { type: 'reserved', id: 'b', room: r1 }).state,
      { type: 'caught-up', id: 'b' },
      [],
      ['a', 'b'],
    ],
    [
      'one given up before it was live leaves nothing',
      waiting('a', r1),
      { type: 'unsubscribed', id: 'a' },
      ['release r1'],
      [],
    ],
    ['catching up twice changes nothing', holding(['a', r1]), { type: 'caught-up', id: 'a' }, [], ['a']],
    [
      'D8: a view leaves at once and joins only when it has its new snapshot',
      holding(['a', v1]),
      { type: 'reclassified', rooms: new Map([['a', v2]]) },
      ['leave v1', 'release v1'],
      ['a'],
    ],
    ['the last one out leaves', holding(['a', r1]), { type: 'unsubscribed', id: 'a' }, ['leave r1', 'release r1'], []],
    ['another one stays', holding(['a', r1], ['b', r1]), { type: 'unsubscribed', id: 'a' }, ['release r1'], ['b']],
    ['an unknown id changes nothing', holding(['a', r1]), { type: 'unsubscribed', id: 'z' }, [], ['a']],
    [
      'closing releases all and leaves nothing to leave',
      holding(['a', r1], ['b', r2]),
      { type: 'closed' },
      ['release r1', 'release r2'],
      [],
    ],
    [
      'D8: other rights leave the old room before they join the new',
      holding(['a', r1], ['b', r1]),
      {
        type: 'reclassified',
        rooms: new Map([
          ['a', r2],
          ['b', r3],
        ]),
      },
      ['leave r1', 'join r2', 'join r3', 'release r1', 'release r1'],
      ['a', 'b'],
    ],
    [
      'a room that is kept is neither left nor joined',
      holding(['a', r1], ['b', r2]),
      {
        type: 'reclassified',
        rooms: new Map([
          ['a', r1],
          ['b', r3],
        ]),
      },
      ['leave r2', 'join r3', 'release r1', 'release r2'],
      ['a', 'b'],
    ],
  ])('%s', (_name, state, event, effects, ids) => {
    const next = step(state, event);
    expect(brief(next.effects)).toEqual(effects);
    expect([...next.state.subscriptions.keys()]).toEqual(ids);
  });

  it('after closing, a room that still comes is released and nothing else happens', () => {
    const { state } = step(holding(['a', r1]), { type: 'closed' });
    expect(brief(step(state, { type: 'reserved', id: 'b', room: r2 }).effects)).toEqual(['release r2']);
    expect(step(state, { type: 'closed' })).toEqual({ state, effects: [] });
    expect(step(state, { type: 'unsubscribed', id: 'a' }).state).toBe(state);
  });

  it('never changes a state that it was given', () => {
    const state = holding(['a', r1]);
    for (const event of [
      { type: 'reserved', id: 'b', room: r2 },
      { type: 'unsubscribed', id: 'a' },
      { type: 'closed' },
    ] as const)
      step(state, event);
    expect(state).toEqual(holding(['a', r1]));
  });
});

describe('session state, for any sequence of events of several sessions', { timeout: 30_000 }, () => {
  const channels = ['assets', 'alerts', 'domain:a'];
  const classes = ['reader', 'other'].map((role) =>
    classOf(
      { version: 1, roles: { reader: [{ allow: 'read' }], other: [] } },
      { tenant: 'acme', sub: 'a', roles: [role], claims: {}, expiresAtMs: 0 },
    ),
  );
  const action = fc.record({
    session: fc.nat(2),
    type: fc.constantFrom('subscribe', 'subscribe', 'caught-up', 'caught-up', 'unsubscribe', 'reclassify', 'close'),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    channel: fc.nat(2),
    mode: fc.constantFrom<SelectionMode>('events', 'view'),
    role: fc.nat(1),
  });

  it('the rooms joined are those of the live subscriptions, and the registry counts each subscription once', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const registry = new RoomRegistry((tenant, selection, policyClass) => `${tenant} ${selection} ${policyClass}`);
        const sessions = [0, 1, 2].map(() => ({ state: newSession, joined: new Set<string>(), role: 0 }));
        const run = (session: (typeof sessions)[number], event: SessionEvent): void => {
          const { state, effects } = step(session.state, event);
          session.state = state;
          for (const effect of effects) {
            if (effect.type === 'release') registry.leave(effect.room);
            else if (effect.type === 'join')
              expect(session.joined.size).toBeLessThan(session.joined.add(effect.room.name).size);
            else expect(session.joined.delete(effect.room.name)).toBe(true);
          }
          if (event.type === 'closed') session.joined.clear();
        };
        for (const { session: index, type, id, channel, mode, role } of actions) {
          const session = sessions[index]!;
          const { subscriptions } = session.state;
          if (type === 'subscribe' && !subscriptions.has(id))
            run(session, {
              type: 'reserved',
              id,
              room: registry.enter(createSelection(channels[channel], undefined, { mode }), classes[session.role]!),
            });
          if (type === 'caught-up') run(session, { type: 'caught-up', id });
          if (type === 'unsubscribe') run(session, { type: 'unsubscribed', id });
          if (type === 'close') run(session, { type: 'closed' });
          if (type === 'reclassify' && session.state.phase === 'open') {
            session.role = role;
            run(session, {
              type: 'reclassified',
              rooms: new Map(
                [...subscriptions].map(([key, held]) => [key, registry.enter(held.room.selection, classes[role]!)]),
              ),
            });
          }
          expect(session.joined).toEqual(
            new Set(
              [...session.state.subscriptions.values()].filter((held) => held.live).map((held) => held.room.name),
            ),
          );
        }
        const all = sessions.flatMap((each) => [...each.state.subscriptions.values()].map((held) => held.room));
        expect(registry.roomCount).toBe(new Set(all.map((held) => held.name)).size);
        for (const held of all) expect(held.members).toBe(all.filter((other) => other.name === held.name).length);
        for (const each of sessions) run(each, { type: 'closed' });
        expect([registry.roomCount, registry.selectionCount]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
