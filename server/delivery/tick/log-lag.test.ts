import { expect, it } from 'vitest';
import { metricValue, silentLogger } from '../../../test/harness/silence.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { LogLag } from './log-lag.ts';

it('is what the ends are ahead of the gateway, of all partitions', async () => {
  const metrics = createMetrics();
  let heads = [10, 4];
  let away = false;
  const vector = [7, 4];
  let epoch = '1';
  const log = {
    epoch: '1',
    ends: async () => {
      if (away) throw new Error('away');
      return heads;
    },
  };
  const lag = new LogLag({ log, position: () => ({ epoch, vector }), metrics, logger: silentLogger });
  await lag.look();
  expect(await metricValue(metrics, 'logLag')).toBe(3);
  [heads, vector[0]] = [[10, 9], 12];
  await lag.look();
  expect(await metricValue(metrics, 'logLag')).toBe(5);
  epoch = '0';
  heads = [99, 99];
  await lag.look();
  expect(await metricValue(metrics, 'logLag')).toBe(5);
  away = true;
  await lag.look();
  expect(await metricValue(metrics, 'logLag')).toBe(5);
});
