import { describe, expect, it, vi } from 'vitest';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { classOf, type PolicyClass } from '../../../channels/policy/policy-class.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import { headWith } from '../../../test/harness/heads.ts';
import { RoomRegistry } from './room-registry.ts';

const roles = {
  all: [{ allow: 'read' }],
  careful: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
} as const;

function policyClass(role: keyof typeof roles, tenant = 'acme'): PolicyClass {
  return classOf({ version: 1, roles }, { tenant, sub: 'ada', roles: [role], claims: {}, expiresAtMs: 0 });
}

function registry(): RoomRegistry {
  return new RoomRegistry((tenant, selection, id) => `${tenant}|${selection}|${id}`);
}

function event(before: Partial<Head> | null, after: Partial<Head> | null, tenant = 'acme'): HubEvent {
  const plain = sampleEvent(sampleAsset(tenant, 'urn:gov:orders'));
  const image = (fields: Partial<Head> | null): Head | null =>
    fields === null ? null : headWith({ tenant, ...fields });
  return { ...plain, data: { ...plain.data, heads: { before: image(before), after: image(after) } } };
}

describe('RoomRegistry: what an event is for a room', () => {
  const open = { domain: 'hr' };
  const tagged = { domain: 'hr', tags: ['pii/email'] };

  it.each<[string, Partial<Head> | null, Partial<Head> | null, string | undefined]>([
    ['created in view', null, open, 'enter'],
    ['created out of the selection', null, { domain: 'ops' }, undefined],
    ['D8: created out of the rights', null, tagged, undefined],
    ['changed in view', open, { ...open, name: 'x' }, 'update'],
    ['moved into the selection', { domain: 'ops' }, open, 'enter'],
    ['moved out of the selection', open, { domain: 'ops' }, 'leave'],
    ['D8: moved out of the rights', open, tagged, 'leave'],
    ['moved into the rights', tagged, open, 'enter'],
    ['D8: changed out of the rights', tagged, { ...tagged, name: 'x' }, undefined],
    ['D8: from out of the selection to out of the rights', { domain: 'ops' }, tagged, undefined],
    ['D8: from out of the rights to out of the selection', tagged, { domain: 'ops' }, undefined],
    ['deleted in view', open, null, 'leave'],
    ['D8: deleted out of the rights', tagged, null, undefined],
    ['gone before and after', null, null, undefined],
  ])('%s', (_name, before, after, transition) => {
    const rooms = registry();
    rooms.enter(createSelection('domain:hr'), policyClass('careful'));
    expect(rooms.match(event(before, after)).map((match) => match.transition)).toEqual(
      transition === undefined ? [] : [transition],
    );
  });

  it('D8: is judged by each class for itself', () => {
    const rooms = registry();
    const all = rooms.enter(createSelection('domain:hr'), policyClass('all'));
    const careful = rooms.enter(createSelection('domain:hr'), policyClass('careful'));
    expect(rooms.match(event(open, tagged)).map(({ room, transition }) => [room, transition])).toEqual([
      [all, 'update'],
      [careful, 'leave'],
    ]);
  });

  it('D8: reaches no room of another tenant', () => {
    const rooms = registry();
    rooms.enter(createSelection('assets'), policyClass('all', 'globex'));
    expect(rooms.match(event(null, open, 'acme'))).toEqual([]);
    expect(rooms.match(event(null, open, 'globex'))).toHaveLength(1);
  });

  it('is decided once per class and image, however many rooms the class has', () => {
    const rooms = registry();
    const mayRead = vi.fn(() => true);
    const counted: PolicyClass = { ...policyClass('all'), mayRead };
    for (let i = 0; i < 50; i++)
      rooms.enter(createSelection('assets', { status: { $in: ['active', `s${i}`] } }), counted);
    expect(rooms.match(event(open, open))).toHaveLength(50);
    expect(mayRead).toHaveBeenCalledTimes(2);
  });

  it('is not decided at all where nothing is selected', () => {
    const rooms = registry();
    const mayRead = vi.fn(() => true);
    rooms.enter(createSelection('domain:ops'), { ...policyClass('all'), mayRead });
    rooms.match(event(open, open));
    expect(mayRead).not.toHaveBeenCalled();
  });
});

describe('RoomRegistry: membership', () => {
  it('gives one room for the same selection and class, another for each other pair', () => {
    const rooms = registry();
    const first = rooms.enter(createSelection('assets', { domain: 'hr', status: 'active' }), policyClass('all'));
    expect(
      rooms.enter(createSelection('assets', { $and: [{ status: 'active' }, { domain: 'hr' }] }), policyClass('all')),
    ).toBe(first);
    expect(first.members).toBe(2);
    const others = [
      rooms.enter(createSelection('assets'), policyClass('all')),
      rooms.enter(createSelection('assets'), policyClass('careful')),
      rooms.enter(createSelection('assets'), policyClass('all', 'globex')),
    ];
    expect(new Set([first, ...others].map((room) => room.name)).size).toBe(4);
    expect([rooms.roomCount, rooms.selectionCount]).toEqual([4, 3]);
  });

  it('a room goes with its last member and can come again', () => {
    const rooms = registry();
    const [room] = [
      rooms.enter(createSelection('assets'), policyClass('all')),
      rooms.enter(createSelection('assets'), policyClass('all')),
    ];
    rooms.leave(room);
    expect(rooms.match(event(null, {}))).toHaveLength(1);
    rooms.leave(room);
    expect([rooms.roomCount, rooms.selectionCount, rooms.match(event(null, {})).length]).toEqual([0, 0, 0]);
    expect(rooms.enter(createSelection('assets'), policyClass('all'))).toMatchObject({ name: room.name, members: 1 });
  });

  it('keeps the selection while another class is in it', () => {
    const rooms = registry();
    const room = rooms.enter(createSelection('assets'), policyClass('all'));
    rooms.enter(createSelection('assets'), policyClass('careful'));
    rooms.leave(room);
    expect([rooms.roomCount, rooms.selectionCount]).toEqual([1, 1]);
  });
});
