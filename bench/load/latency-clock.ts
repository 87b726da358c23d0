const textLength = '2026-01-01T00:00:00.000000Z'.length;

/** Monotonic time, the same in all processes of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/**
 * What is added to monotonic times to make them times of day: a hub looks up events that seem to be of long ago. Chosen by
 * the first process and inherited by those that it starts, so that all have the same.
 */
const baseTimeMs = Number((process.env['BENCH_CLOCK_BASE_MS'] ??= String(Math.round(Date.now() - monotonicMs()))));

/** A monotonic time as a `recordedtime`, to the microsecond, so that it travels through every server unchanged. */
export function toRecordedTime(timeMs: number): string {
  const whole = Math.floor(timeMs);
  const micros = String(Math.floor((timeMs - whole) * 1000)).padStart(3, '0');
  return `${new Date(baseTimeMs + whole).toISOString().slice(0, -1)}${micros}Z`;
}

/** The time that `toRecordedTime` wrote at `start` of a message. */
export function readRecordedTime(payload: Buffer, start: number): number {
  const text = payload.toString('latin1', start, start + textLength);
  return Date.parse(`${text.slice(0, 23)}Z`) - baseTimeMs + Number(text.slice(23, 26)) / 1000;
}
