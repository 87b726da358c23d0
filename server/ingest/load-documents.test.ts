import { expect, it } from 'vitest';
import { applyChange } from '../../channels/catalog/apply-change.ts';
import type { Change } from '../../channels/catalog/change.ts';
import { alertChange, assetChange, relationshipChange } from '../../test/harness/changes.ts';
import { MemoryDocuments } from '../../test/harness/test-node.ts';
import { loadDocuments } from './load-documents.ts';

const documents = new MemoryDocuments();
const [orders, accounts, incident] = ['urn:gov:orders', 'urn:gov:accounts', 'urn:gov:incident'];

function store(change: Change): void {
  documents.put(
    applyChange(undefined, change, { recordedAt: '2026-05-05T10:00:00.000Z', parentsOf: () => [] })!.document,
  );
}

async function loaded(change: Change): Promise<readonly string[]> {
  return [...(await loadDocuments([change], documents.store)).keys()].toSorted();
}

store(assetChange({}, { urn: orders }));
store(assetChange({}, { urn: accounts }));
store(alertChange({ subject: accounts }, { urn: incident }));

it('loads both ends of a relationship', async () => {
  const edge = relationshipChange({ from: orders, to: accounts });
  expect(await loaded(edge)).toEqual([`acme|${accounts}`, `acme|${orders}`]);
});

it('loads what an alert is about, named by the change or by the stored alert', async () => {
  expect(await loaded(alertChange({ subject: orders }))).toEqual([`acme|${orders}`]);
  expect(await loaded(alertChange({ message: 'm' }, { urn: incident }))).toEqual([
    `acme|${accounts}`,
    `acme|${incident}`,
  ]);
});
