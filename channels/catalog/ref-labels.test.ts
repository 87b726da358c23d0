import { expect, it } from 'vitest';
import { alertChange, assetChange, minute, relationshipChange } from '../../test/harness/changes.ts';
import type { Head } from '../event/head.ts';
import { applyChange } from './apply-change.ts';
import type { Change } from './change.ts';
import type { CatalogDocument } from './document.ts';
import { headOf } from './head-of.ts';

const pii = { scheme: 'pii', name: 'iban', origin: 'unknown', state: 'suggested' } as const;
const plain = { recordedAt: minute(5), parentsOf: () => [] };

function made(change: Change, heads: readonly Head[] = [], held?: CatalogDocument): CatalogDocument | undefined {
  const known = new Map(heads.map((head) => [head.urn, head]));
  return applyChange(held, change, { ...plain, headOf: (urn) => known.get(urn) })?.document;
}

function asset(urn: string, domain: string, tags: readonly (typeof pii)[] = []): Head {
  const patch = { domain, classifications: { mode: 'state', list: tags } } as const;
  return made(assetChange(patch, { urn }))?.head as Head;
}

const [accounts, orders] = [asset('urn:gov:accounts', 'retail', [pii]), asset('urn:gov:orders', 'sales')];
const edge = { type: 'lineage', from: orders.urn, to: accounts.urn, lineage: true };

it('a relationship has the domains and tags of both ends, in the document and in its head', () => {
  const document = made(relationshipChange(edge), [accounts, orders]);
  expect(document).toMatchObject({ refLabels: { domains: ['retail', 'sales'], tags: ['pii/iban'] } });
  expect(document?.head.refLabels).toEqual({ domains: ['retail', 'sales'], tags: ['pii/iban'] });
  expect(document?.head).toEqual(headOf(document!));
});

it('an alert has those of its subject, also when a change does not name it again', () => {
  const first = made(alertChange({ subject: accounts.urn }), [accounts]);
  expect(first?.head.refLabels).toEqual({ domains: ['retail'], tags: ['pii/iban'] });
  const next = made(alertChange({ message: 'still' }, { time: minute(1) }), [asset(accounts.urn, 'hr')], first);
  expect(next?.head.refLabels).toEqual({ domains: ['hr'], tags: [] });
});

it('what the hub does not know adds nothing, and an asset has none', () => {
  expect(made(relationshipChange(edge), [orders])?.head.refLabels).toEqual({ domains: ['sales'], tags: [] });
  expect(accounts).not.toHaveProperty('refLabels');
});

it('an event says which policy was in force where it was taken in', () => {
  const { event } = applyChange(undefined, assetChange(), { ...plain, policyFloor: 7 })!;
  expect(event?.policyfloor).toBe(7);
});
