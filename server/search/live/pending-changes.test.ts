import { expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { MemoryEventJournal } from '../../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { MemoryDocuments } from '../../../test/harness/test-node.ts';
import { World } from '../../../test/harness/world.ts';
import { PendingChanges } from './pending-changes.ts';

function create(): { readonly pending: PendingChanges; readonly change: (name?: string) => Promise<HubEvent> } {
  const log = Object.assign(new MemoryEventLog(1), { nowMs: 0 });
  const world = new World({ log, documents: new MemoryDocuments(), journal: new MemoryEventJournal() });
  return { pending: new PendingChanges(), change: (name = 'x') => world.change('a', { name }, 'large') };
}

const loadedAs = (version: number) => {
  const asset = sampleAsset('acme', 'urn:a', { version });
  return [asset, asset.head] as const;
};

it('L13 a document that was loaded for an event is not taken for one that came meanwhile', async () => {
  const { pending, change } = create();
  pending.add(await change());
  const [first = expect.unreachable('a change waits')] = pending.toLoad(10);
  pending.add(await change());
  pending.loaded(first, ...loadedAs(2));
  expect([...pending.ready()]).toEqual([]);
  const [second = expect.unreachable('the newer waits')] = pending.toLoad(10);
  // the store of another node may be behind
  pending.loaded(second, ...loadedAs(1));
  expect([...pending.ready()]).toEqual([]);
  pending.loaded(second, ...loadedAs(4));
  expect([...pending.ready()]).toMatchObject([{ version: 4, document: { version: 4 } }]);
});

it('L13 while the document of an event is not there, it may be newer than whatever is held', async () => {
  const { pending, change } = create();
  pending.add(await change());
  expect([pending.has('urn:a', 1), pending.has('urn:a', 99), pending.has('urn:b', 0)]).toEqual([true, true, false]);
  const [first = expect.unreachable('a change waits')] = pending.toLoad(10);
  pending.loaded(first, ...loadedAs(3));
  expect([pending.has('urn:a', 2), pending.has('urn:a', 3)]).toEqual([true, false]);
});
