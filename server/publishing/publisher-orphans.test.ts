import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { openCatalogTables } from '../../adapters/embedded/catalog-tables.ts';
import { sampleAsset, sampleBatch, sampleEvent } from '../../adapters/contract/samples.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import { DamagedRecords } from '../observability/damaged-records.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { Publisher } from './publisher.ts';

const nowMs = Date.UTC(2026, 4, 4);
let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let damaged: DamagedRecords;
let log: MemoryEventLog;
let metrics: Metrics;
let publisher: Publisher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-orphans-'));
  environment = await createEmbeddedEnvironment({ folder });
  damaged = new DamagedRecords(silentLogger);
  store = createEmbeddedCatalogStore({ environment, onDamaged: damaged.note });
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

it('I4: a row that cannot be read keeps back the later ones of its entity, and is counted once', async () => {
  const kinds: string[] = [];
  damaged.countWith((kind) => kinds.push(kind));
  const event = (urn: string, version = 1) => sampleEvent(sampleAsset('acme', urn, { version }));
  await store.commit(sampleBatch({ outbox: [event('urn:a'), event('urn:b'), event('urn:b', 2), event('urn:b', 3)] }));
  const { outbox } = openCatalogTables(environment);
  await environment.transact(() => void outbox.put(outboxId(event('urn:b', 2)), '{"cut', 1));
  publisher.start();
  await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:b@1']));
  // also for the process that committed a later one
  await store.commit(sampleBatch({ outbox: [event('urn:b', 4), event('urn:c')] }));
  await publisher.publish([event('urn:b', 4), event('urn:c')]);
  await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:b@1', 'urn:c@1']));
  await eventually(async () => expect((await store.outboxState()).rows).toBe(3));
  expect(kinds).toEqual(['outbox']);
  const later: string[] = [];
  damaged.countWith((kind) => later.push(kind));
  expect(later).toEqual(['outbox']);
  await store.outboxRemove([outboxId(event('urn:b', 2))]);
  await publisher.publish([event('urn:b', 4)]);
  await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:b@1', 'urn:b@3', 'urn:b@4', 'urn:c@1']));
});
