import { expect, it } from 'vitest';
import { type HealthSource, healthOf } from './health.ts';

function source(more: Partial<HealthSource>): HealthSource {
  return {
    ...{ node: 'n', mode: 'cluster', engine: 'ws', components: ['search'] },
    store: { ping: async () => undefined },
    bus: { state: () => 'up' } as HealthSource['bus'],
    phase: () => 'running',
    isPreparing: () => false,
    logFresh: () => true,
    search: () => 'up',
    stalled: () => [],
    ...more,
  };
}

it('is not offered while a part prepares, and says what is missing; what is built later does not matter', async () => {
  const building: Partial<HealthSource> = { search: () => 'building' };
  expect(await healthOf(source({ ...building, isPreparing: () => true }))).toMatchObject({
    ...{ status: 'starting', ready: false },
    dependencies: { search: 'building' },
  });
  expect(await healthOf(source(building))).toMatchObject({ status: 'ok', ready: true });
  expect(await healthOf(source({ isPreparing: () => true, phase: () => 'stopping' }))).toMatchObject({
    status: 'stopping',
  });
});
