import type { Metrics } from '../../server/observability/metrics.ts';
import type { Logger } from '../../server/observability/logger.ts';

function ignore(): void {}

/** A logger for tests that look at behaviour, not at words. */
export const silentLogger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
} as unknown as Logger;

/** Value of a counter or gauge with exactly these labels; 0 when it never moved. */
export async function metricValue(
  metrics: Metrics,
  name: keyof Omit<Metrics, 'registry'>,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { values } = await metrics[name].get();
  return (
    values.find((each) =>
      Object.entries(labels).every(([key, value]) => (each.labels as Record<string, unknown>)[key] === value),
    )?.value ?? 0
  );
}

/** Nothing of a newer release is there. */
export function noneIsNewer(error: Error): never {
  throw error;
}
