import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { Ring } from '../../../channels/position/ring.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import type { Room } from '../outlet/room.ts';
import type { ReplayEntry } from '../past/replay-entry.ts';
import { ReplayPiece } from '../past/replay.ts';
import { Sight } from '../past/sight.ts';

const careful = classOf(
  { version: 1, roles: { r: [{ allow: 'read' }, { deny: 'read', where: { domain: 'secret' } }] } },
  { tenant: 'acme', sub: 'a', roles: ['r'], claims: {}, expiresAtMs: 0 },
);
const room: Room = {
  ...{ name: 'room', members: 1, handle: undefined },
  selection: createSelection('assets'),
  policyClass: careful,
};
const entry = (name: string, version = 1): ReplayEntry => ({
  ...{ partition: 0, offset: 0, appendedAtMs: 0, transition: 'update' },
  ...{ entity: `acme|urn:${name}`, version, text: `{"name":"${name}"}` },
});

function world(): { readonly sight: Sight; readonly push: (name: string, version: number, domain: string) => void } {
  const ring = new Ring([0], { maxBytes: 1e6, maxAgeMs: 1e9 });
  let revision = 0;
  const gateway = {
    ring,
    position: { epoch: '1', vector: [0], marks: [] },
    get revision() {
      return revision;
    },
  };
  const sight = new Sight(gateway, { newest: () => undefined });
  return {
    sight,
    push: (name, version, domain) => {
      const event = sampleEvent(sampleAsset('acme', `urn:${name}`, { version, domain }));
      revision += 1;
      const place = { partition: 0, offset: revision, appendedAtMs: 0 };
      ring.push({ ...place, entity: `acme|urn:${name}`, version, text: JSON.stringify(event) });
    },
  };
}

it('D8: a piece is sent without what has been hidden since it was made, on either engine', () => {
  const { sight, push } = world();
  const piece = new ReplayPiece(room, [entry('a'), entry('b')], 'c', () => undefined);
  const shown = (): string[] => {
    const packet = piece.packet('id', sight);
    expect(Buffer.from(packet.bytes).toString()).toBe(`4${packet.text}`);
    return [...packet.text.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name ?? '');
  };
  expect(shown()).toEqual(['a', 'b']);
  push('a', 2, 'hr');
  expect(shown()).toEqual(['a', 'b']);
  push('a', 3, 'secret');
  push('other', 1, 'secret');
  expect(shown()).toEqual(['b']);
  push('a', 4, 'hr');
  expect(shown()).toEqual(['a', 'b']);
});

it('D8: what left in it still leaves, whatever happens to it afterwards out of sight', () => {
  const { sight, push } = world();
  push('a', 3, 'secret');
  const left: ReplayEntry = { ...entry('a', 3), transition: 'leave', text: '{"name":"a","kind":"leave"}' };
  const piece = new ReplayPiece(room, [left, entry('b')], 'c', () => 3);
  const shown = (): readonly string[] => piece.visible(sight).map(({ text }) => text);
  expect(shown()).toEqual([left.text, '{"name":"b"}']);
  // hidden before and after: nobody else will say that it left
  push('a', 4, 'secret');
  expect(shown()).toEqual([left.text, '{"name":"b"}']);
});

it('looks at nothing that was known when the piece was made', () => {
  const { sight, push } = world();
  push('a', 3, 'secret');
  // decided with version 3 in view: it is a leave, which says nothing
  const piece = new ReplayPiece(room, [entry('a', 2)], 'c', () => 3);
  expect(piece.packet('id', sight).text).toContain('"name":"a"');
});
