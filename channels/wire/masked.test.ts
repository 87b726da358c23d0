import { describe, expect, it } from 'vitest';
import { assetChange, minute } from '../../test/harness/changes.ts';
import { applyChange } from '../catalog/apply-change.ts';
import type { AssetPatch } from '../catalog/change.ts';
import type { CatalogDocument } from '../catalog/document.ts';
import type { HubEvent } from '../event/hub-event.ts';
import type { Shape } from '../protocol/up.ts';
import { createForm } from './form.ts';
import type { Mask } from './mask.ts';
import { documentRest, wireDocument } from './wire-document.ts';
import { carriedDocument, EventMaker, type Transition } from './wire-event.ts';

const secret = 'pii/secret';

/** As a policy may have it: columns with the tag keep their key only. */
const mask: Mask = {
  key: 'secret columns',
  head: (head) => head,
  document: (document) =>
    document.kind === 'asset'
      ? { ...document, columns: document.columns.map((column) => ({ ...column, description: '' })) }
      : document,
  op: (op) =>
    op.labels?.before.includes(secret) === true || op.labels?.after.includes(secret) === true ? undefined : op,
  cause: ({ correlationid, extensions }) => ({
    ...{ actor: undefined, causationid: undefined, correlationid: correlationid && 'hidden' },
    extensions: extensions && Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== 'ticket')),
  }),
};

const context = { recordedAt: '2026-05-05T10:00:00.000Z', parentsOf: () => [] };
const columns = (description: string): AssetPatch['columns'] => ({
  mode: 'delta',
  add: [
    {
      name: 'iban',
      description,
      classifications: {
        mode: 'state',
        list: [{ scheme: 'pii', name: 'secret', origin: 'manual', state: 'suggested' }],
      },
    },
  ],
  remove: [],
});
const before = applyChange(undefined, assetChange({ columns: columns('a')! }), context)?.document as CatalogDocument;

function textOf(patch: AssetPatch, shape: 'changes' | 'document' = 'changes'): Record<string, unknown> | undefined {
  const change = assetChange(patch, { time: minute(1) });
  const event = applyChange(before, change, { ...context, recordedAt: minute(999) })?.event as HubEvent;
  return wireOf(event, shape);
}

function wireOf(event: HubEvent, shape: Shape, transition: Transition = 'update'): Record<string, unknown> | undefined {
  const maker = new EventMaker(event, { id: 'id', mask });
  const text = maker.text(transition, createForm({ mode: 'events', shape }), carriedDocument(event));
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

it('P6 an event is sent with what may be seen of it, and its type is that of what is seen', () => {
  const both = textOf({ description: 'seen', columns: columns('CANARY')! });
  expect(both).toMatchObject({ type: 'gov.documentation.changed.v1', changes: { '/description': { new: 'seen' } } });
  const owner = textOf({ owners: { mode: 'state', list: [{ id: 'ada', type: 'user' }] }, columns: columns('CANARY')! });
  expect(owner).toMatchObject({ type: 'gov.owner.changed.v1' });
  for (const event of [both, owner]) expect(JSON.stringify(event)).not.toContain('CANARY');
});

it('P6 nothing is sent of a change of which nothing may be seen', () => {
  expect(textOf({ columns: columns('CANARY')! })).toBeUndefined();
});

it('P6 the time of the last change is not told where some changes are hidden', () => {
  expect(textOf({ description: 'seen' }, 'document')).toMatchObject({ document: { createdAt: expect.any(String) } });
  expect(JSON.stringify(textOf({ description: 'seen' }, 'document'))).not.toContain('updatedAt');
  expect(JSON.stringify([documentRest(before, mask), wireDocument(before, mask)])).not.toContain('updatedAt');
});

describe('P6 of who and what caused an event', () => {
  const change = assetChange({ description: 'seen' }, { time: minute(1) });
  const made = applyChange(before, change, { ...context, recordedAt: minute(999) })?.event as HubEvent;
  const caused: HubEvent = {
    ...made,
    ...{ correlationid: 'CANARY-correlation', causationid: 'CANARY-causation' },
    data: {
      ...made.data,
      actor: { id: 'CANARY-actor' },
      extensions: { ticket: 'CANARY-ticket', region: 'eu' },
    },
  };

  it.each(['document', 'entity', 'changes'] as const)('only what the mask shows is sent (%s)', (shape) => {
    for (const transition of ['enter', 'update', 'leave'] as const)
      expect(JSON.stringify(wireOf(caused, shape, transition) ?? '')).not.toContain('CANARY');
    expect(wireOf(caused, shape, 'enter')).toMatchObject({ correlationid: 'hidden', extensions: { region: 'eu' } });
  });
});
