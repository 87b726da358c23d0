import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `check` no longer throws, and returns what it gives; after the deadline throws what it threw last.
 * For states that no event announces.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 20 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(everyMs);
  }
}
