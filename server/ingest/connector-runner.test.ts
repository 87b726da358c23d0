import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleBatch } from '../../adapters/contract/samples.ts';
import { testIntake } from '../../test/harness/test-intake.ts';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';
import type { MessageFormat } from '../../channels/ports/message-format.ts';
import { TestSource } from '../../test/harness/test-source.ts';
import { metricValue, silentLogger } from '../../test/harness/silence.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { ProgressWatch } from '../observability/progress-watch.ts';
import type { Connector } from './connector.ts';
import { ConnectorRunner } from './connector-runner.ts';

/** Understands everything, and nothing follows from it. */
const format: MessageFormat = {
  name: 'atlas',
  identifies: false,
  normalise: () => ({ kind: 'changes', changes: [] }),
  split: () => [],
};
const connector: Connector = {
  profile: { id: 'lake', tenant: 'acme', namespace: 'urn:', writes: [], scheme: 'lake' },
  format,
  system: 'lake',
  topic: 'changes',
};

const record = (offset: number): SourceRecord => ({ offset, value: null, key: null, headers: {}, timestampMs: 1 });

let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let metrics: Metrics;
let source: TestSource;
let runner: ConnectorRunner;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-refused-'));
  environment = await createEmbeddedEnvironment({ folder });
  store = createEmbeddedCatalogStore({ environment });
  [metrics, source] = [createMetrics(), new TestSource()];
  const common = { store, metrics, logger: silentLogger };
  runner = new ConnectorRunner({ ...common, connector, source, intake: testIntake(common) });
  await runner.start();
});
afterEach(async () => {
  await runner.stop();
  await environment.close();
  await rm(folder, { recursive: true });
});

/** Looks at a time whether the runner is stalled. */
function watching(): (atMs: number) => readonly string[] {
  let elapsedMs = 0;
  const stopwatch = { elapsedMs: () => elapsedMs };
  const watch = new ProgressWatch({ stopwatch, stalledAfterMs: 20_000, onStalled() {}, onResumed() {} });
  watch.add(runner.watched);
  return (atMs) => {
    elapsedMs = atMs;
    watch.look();
    return watch.stalled;
  };
}

it('I2: a topic that is not the one that was read is refused, told and watched until an operator decides', async () => {
  const { options } = source;
  await options.position(0);
  await options.onRecords(0, [record(0)], null);
  expect(await options.position(0)).toMatchObject({ next: 1, mark: 'mark of 0' });
  const look = watching();
  look(0);
  await options.onRefused(0, 'another topic', 1);
  expect(await options.position(0)).toMatchObject({ refused: 'another topic' });
  expect(await metricValue(metrics, 'connectorRefused', { connector: 'lake', partition: '0' })).toBe(1);
  look(1000);
  // another partition that gets on does not hide it
  await options.position(1);
  await options.onRecords(1, [record(0)], null);
  look(2000);
  expect(look(30_000)).toEqual(['connector lake']);
  await store.resetPositions({ connector: 'lake', topic: 'changes' }, []);
  expect(await options.position(0)).toBeUndefined();
  expect(await metricValue(metrics, 'connectorRefused', { connector: 'lake', partition: '0' })).toBe(0);
  expect(look(31_000)).toEqual([]);
});

it('a partition that another process has read to its end is not stalled, however long nothing comes', async () => {
  const { options } = source;
  const look = watching();
  await options.position(0);
  const position = { connector: 'lake', topic: 'changes', partition: 0, expected: null, next: 3 };
  await store.commit(sampleBatch({ positions: [position] }));
  await expect(options.onRecords(0, [record(0), record(1)], null)).rejects.toThrow('moved');
  look(0);
  expect(look(30_000)).toEqual([]);
});
