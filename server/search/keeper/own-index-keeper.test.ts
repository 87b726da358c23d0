import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleAsset } from '../../../adapters/contract/samples.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { MemoryEventLog } from '../../../test/harness/memory-event-log.ts';
import { noneIsNewer, silentLogger } from '../../../test/harness/silence.ts';
import { testIndex } from '../../../test/harness/test-index.ts';
import { MemoryDocuments } from '../../../test/harness/test-node.ts';
import { testTurns } from '../../../test/harness/test-turns.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { OwnIndexKeeper } from './own-index-keeper.ts';

let nowMs = 0;
let read: Promise<void> | undefined;
let goOn = (): void => undefined;
let keeper: OwnIndexKeeper;

/** The catalog cannot be read until `goOn`. */
function block(): void {
  read = new Promise((resolve) => {
    goOn = () => {
      read = undefined;
      resolve();
    };
  });
}

beforeEach(() => {
  nowMs = 0;
  const documents = new MemoryDocuments();
  documents.put(sampleAsset('acme', 'urn:a'));
  const { store } = documents;
  const profile = { tenant: 'acme' };
  keeper = new OwnIndexKeeper({
    ...{ index: testIndex(), log: new MemoryEventLog(1), turns: testTurns(), metrics: createMetrics() },
    store: {
      ...store,
      find: async (query) => {
        await read;
        return store.find(query);
      },
    },
    connectors: new Map([['c', { profile }]]) as never,
    clock: { now: () => nowMs, elapsedMs: () => nowMs },
    ...{ logger: silentLogger, onNewer: noneIsNewer },
  });
});
afterEach(async () => {
  goOn();
  await keeper.stop();
});

it('D7 prepares until the tenants of its connectors can be searched, and not for what is built later', async () => {
  block();
  await keeper.start();
  expect([keeper.isPreparing(), keeper.state()]).toEqual([true, 'building']);
  goOn();
  await eventually(() => expect([keeper.isPreparing(), keeper.state()]).toEqual([false, 'up']));
  block();
  await keeper.order('rebuild');
  await eventually(() => expect(keeper.state()).toBe('building'));
  expect(keeper.isPreparing()).toBe(false);
});

it('does not prepare for ever where the catalog cannot be read', async () => {
  block();
  await keeper.start();
  nowMs = 299_000;
  expect(keeper.isPreparing()).toBe(true);
  nowMs = 301_000;
  expect([keeper.isPreparing(), keeper.state()]).toEqual([false, 'building']);
});
