import { expect, it } from 'vitest';
import { subscribeSchema } from '../../../channels/protocol/up-schema.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import type { Policy } from '../../../channels/policy/policy.ts';
import { settings } from '../../config/settings.ts';
import { RoomRegistry } from '../tick/room-registry.ts';
import { createSealer } from '../../sealing/sealer.ts';
import { createSeals } from './seals.ts';

const seals = createSeals(createSealer(['secret']));
const cursorAt = (offset: number, partitions = 4) => ({
  epoch: 'e1234567',
  vector: Array.from({ length: partitions }, () => offset),
  marks: Array.from({ length: partitions }, () =>
    offset === 0 ? undefined : { offset: offset - 1, hash: 4_000_000_000 },
  ),
});

it.each([1, 4, 8, 16, 32])(
  'P10: a cursor is as long however much has happened, and never the same text twice, with %i partitions',
  (partitions) => {
    const offsets = [0, 2, 2, 300, 70_000, 20_000_000, 30_000_000_000];
    const texts = offsets.map((offset) => seals.cursor(cursorAt(offset, partitions)));
    expect(new Set(texts.map(({ length }) => length)).size).toBe(1);
    expect(new Set(texts).size).toBe(texts.length);
    for (const [index, text] of texts.entries())
      expect(seals.openCursor(text)).toEqual(cursorAt(offsets[index]!, partitions));
    const beyond = seals.cursor(cursorAt(2 ** 50, partitions));
    expect(seals.openCursor(beyond)).toEqual(cursorAt(2 ** 50, partitions));
  },
);

it('P10: a client of a log with as many partitions as there may be can bring its cursor back', () => {
  const { logPartitions } = settings;
  const cursor = seals.cursor(cursorAt(2 ** 50, logPartitions.kind.max));
  const request = { id: 's1', channel: 'assets', cursor };
  expect(subscribeSchema.parse(request)).toEqual(request);
});

it('P10: what is sealed does not count', () => {
  const [first, second] = [seals.cursor(cursorAt(1)), seals.cursor(cursorAt(1))].map((text) =>
    Buffer.from(text, 'base64url').subarray(17, 29),
  );
  const distance = Buffer.from(second ?? []).readBigUInt64BE(4) - Buffer.from(first ?? []).readBigUInt64BE(4);
  expect(distance).not.toBe(1n);
});

it('P10: a handle stands under a later version of the policy that grants the same', () => {
  const room = (policy: Policy) => {
    const rooms = new RoomRegistry((...parts) => parts.join('|'));
    const principal = { tenant: 'acme', sub: 'a', roles: ['r'], claims: {}, expiresAtMs: 0 };
    return rooms.enter(createSelection('assets'), classOf(policy, principal));
  };
  const before = room({ version: 1, roles: { r: [{ allow: 'read' }] } });
  const after = room({ version: 2, roles: { r: [{ allow: 'read' }], other: [{ allow: 'administer' }] } });
  const less = room({ version: 3, roles: { r: [{ allow: 'read', kinds: ['asset'] }] } });
  expect(seals.compare(seals.handle(before), after)).toBe('same');
  expect(seals.compare(seals.handle(before), less)).toBe('other');
});
