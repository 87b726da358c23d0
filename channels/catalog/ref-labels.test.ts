import { expect, it } from 'vitest';
import { alertChange, assetChange, minute, relationshipChange } from '../../test/harness/changes.ts';
import type { Head } from '../event/head.ts';
import { applyChange } from './apply-change.ts';
import type { Change } from './change.ts';
import type { CatalogDocument } from './document.ts';
import { headOf } from './head-of.ts';

const pii = { scheme: 'pii', name: 'iban', origin: 'unknown', state: 'confirmed' } as const;
const city = { scheme: 'geo', name: 'city', origin: 'unknown', state: 'suggested' } as const;
const plain = { recordedAt: minute(5), parentsOf: () => [] };

function made(change: Change, heads: readonly Head[] = [], held?: CatalogDocument): CatalogDocument | undefined {
  const known = new Map(heads.map((head) => [head.urn, head]));
  return applyChange(held, change, { ...plain, headOf: (urn) => known.get(urn) })?.document;
}

function asset(urn: string, domain: string, tags: readonly (typeof pii | typeof city)[] = []): Head {
  const patch = { domain, classifications: { mode: 'state', list: tags } } as const;
  return made(assetChange(patch, { urn }))?.head as Head;
}

const [accounts, orders] = [asset('urn:gov:accounts', 'retail', [pii, city]), asset('urn:gov:orders', 'sales')];
const edge = { type: 'lineage', from: orders.urn, to: accounts.urn, lineage: true };

it('a relationship has the domains and tags of both ends, in the document and in its head', () => {
  const document = made(relationshipChange(edge), [accounts, orders]);
  const both = { domains: ['retail', 'sales'], tags: ['geo/city', 'pii/iban'], confirmedTags: ['pii/iban'] };
  expect(document).toMatchObject({ refLabels: both });
  expect(document?.head.refLabels).toEqual(both);
  expect(document?.head).toEqual(headOf(document!));
});

it('an alert has those of its subject, also when a change does not name it again', () => {
  const first = made(alertChange({ subject: accounts.urn }), [accounts]);
  expect(first?.head.refLabels).toEqual({
    domains: ['retail'],
    tags: ['geo/city', 'pii/iban'],
    confirmedTags: ['pii/iban'],
  });
  const next = made(alertChange({ message: 'still' }, { time: minute(1) }), [asset(accounts.urn, 'hr')], first);
  expect(next?.head.refLabels).toEqual({ domains: ['hr'], tags: [], confirmedTags: [] });
});

it('says that the hub does not know one of them, and an asset has none', () => {
  const known = { domains: ['sales'], tags: [], confirmedTags: [] };
  expect(made(relationshipChange(edge), [orders])?.head.refLabels).toEqual({ ...known, unknown: true });
  expect(accounts).not.toHaveProperty('refLabels');
});

it('an event says which policy was in force where it was taken in', () => {
  const { event } = applyChange(undefined, assetChange(), { ...plain, policyFloor: 7 })!;
  expect(event?.policyfloor).toBe(7);
});
