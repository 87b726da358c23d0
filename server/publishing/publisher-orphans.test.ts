import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { sampleAsset, sampleBatch, sampleEvent } from '../../adapters/contract/samples.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { Publisher } from './publisher.ts';

const nowMs = Date.UTC(2026, 4, 4);
let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let log: MemoryEventLog;
let metrics: Metrics;
let publisher: Publisher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-orphans-'));
  environment = await createEmbeddedEnvironment({ folder });
  store = createEmbeddedCatalogStore({ environment });
  [log, metrics] = [new MemoryEventLog(2), createMetrics()];
  const clock = { elapsedMs: () => performance.now() };
  publisher = new Publisher({ store, log, clock, alone: true, logger: silentLogger, metrics });
});
afterEach(async () => {
  await publisher.stop();
  await environment.close();
  await rm(folder, { recursive: true });
});

const published = (): readonly string[] =>
  log.events.map((event) => `${event.subject}@${event.data.version}`).toSorted();

it('I4: publishes at its start what a crash left behind, whatever time its events have', async () => {
  const at = (ms: number, urn: string) =>
    sampleEvent(sampleAsset('acme', urn), { recordedtime: new Date(nowMs + ms).toISOString() });
  await store.commit(sampleBatch({ outbox: [at(-10_000, 'urn:old'), at(0, 'urn:young'), at(600_000, 'urn:ahead')] }));
  publisher.start();
  await eventually(() => expect(published()).toEqual(['urn:ahead@1', 'urn:old@1', 'urn:young@1']));
  expect(await metricValue(metrics, 'outboxRows')).toBeLessThanOrEqual(3);
});

it('I4: many rows of an entity that the log does not take hide no orphan of others', async () => {
  log.tooLarge.add('urn:big');
  const versions = Array.from({ length: 2500 }, (_, index) =>
    sampleEvent(sampleAsset('acme', 'urn:big', { version: index + 1 })),
  );
  await store.commit(sampleBatch({ outbox: [...versions, sampleEvent(sampleAsset('acme', 'urn:orphan'))] }));
  publisher.start();
  await eventually(() => expect(published()).toEqual(['urn:orphan@1']));
  await eventually(async () => expect(await metricValue(metrics, 'outboxRows')).toBeGreaterThanOrEqual(2500));
});
