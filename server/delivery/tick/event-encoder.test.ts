import { expect, it } from 'vitest';
import { assetChange, minute } from '../../../test/harness/changes.ts';
import { applyChange } from '../../../channels/catalog/apply-change.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import type { Room } from '../outlet/room.ts';
import { EventEncoder } from './event-encoder.ts';

const policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' }],
    careful: [{ allow: 'read' }, { deny: 'read', where: { tags: 'pii/iban' } }],
  },
} as const;

function roomOf(role: keyof (typeof policy)['roles']): Room {
  const principal = { tenant: 'acme', sub: 'ada', roles: [role], claims: {}, expiresAtMs: 0 };
  return {
    name: role,
    selection: createSelection('assets', { domain: 'retail' }),
    policyClass: classOf(policy, principal),
    members: 1,
    handle: undefined,
  };
}

it('P6 whoever could not read an entity learns that it is there, and not what it was that hid it', () => {
  const context = { recordedAt: minute(0), parentsOf: () => [] };
  const tagged = {
    classifications: { mode: 'state', list: [{ scheme: 'pii', name: 'iban', origin: 'manual', state: 'confirmed' }] },
  } as const;
  const hidden = applyChange(undefined, assetChange({ domain: 'retail', ...tagged }), context)!.document;
  const untagged = assetChange({ domain: 'retail', classifications: { mode: 'state', list: [] } }, { time: minute(1) });
  const { event } = applyChange(hidden, untagged, { ...context, recordedAt: minute(2) })!;
  const encoder = new EventEncoder(event!, 'id');
  const said = (role: 'all' | 'careful', transition: 'enter' | 'update'): unknown =>
    JSON.parse(encoder.text(roomOf(role), transition, new Map()) ?? 'null');
  expect(said('all', 'update')).toMatchObject({ kind: 'update', type: 'gov.classification.changed.v1' });
  const shown = said('careful', 'enter');
  expect(shown).toMatchObject({ kind: 'enter', type: 'gov.asset.updated.v1', entity: { domain: 'retail' } });
  expect(JSON.stringify(shown)).not.toContain('pii');
  // who could read it, and did not select it, is told what happened
  const moved = applyChange(undefined, assetChange({ domain: 'hr' }), context)!.document;
  const change = assetChange({ domain: 'retail' }, { time: minute(1) });
  const came = new EventEncoder(applyChange(moved, change, { ...context, recordedAt: minute(2) })!.event!, 'id');
  expect(JSON.parse(came.text(roomOf('careful'), 'enter', new Map()) ?? '')).toMatchObject({
    kind: 'enter',
    type: 'gov.domain.changed.v1',
  });
});
