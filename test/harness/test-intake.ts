import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import { Intake } from '../../server/ingest/intake.ts';
import { Publisher } from '../../server/publishing/publisher.ts';
import type { Metrics } from '../../server/observability/metrics.ts';
import { createOpaqueIds } from '../../server/sealing/opaque-ids.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { silentLogger } from './silence.ts';
import { testTurns } from './test-turns.ts';

export interface TestIntakeOptions {
  readonly store: CatalogStore;
  readonly metrics: Metrics;
  /** @default the machine's */
  readonly clock?: Clock & Stopwatch;
  readonly publisher?: Publisher;
}

const machineClock = { now: () => Date.now(), elapsedMs: () => performance.now() };

/** The real intake of an embedded hub; without a publisher before a log that nobody reads. */
export function testIntake({ store, metrics, clock = machineClock, publisher }: TestIntakeOptions): Intake {
  const log = new MemoryEventLog(1);
  return new Intake({
    store,
    publisher: publisher ?? new Publisher({ store, log, clock, alone: true, logger: silentLogger, metrics }),
    clock,
    metrics,
    messageIdWindowMs: 60_000,
    elementKey: createOpaqueIds('test').element,
    policyFloor: () => 1,
    turns: testTurns(),
    mode: 'embedded',
  });
}
