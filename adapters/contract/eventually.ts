import { setTimeout as pause } from 'node:timers/promises';

/** Repeats an assertion until it holds; fails with its own error when it still does not at the deadline. */
export async function eventually(assertion: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(20);
    }
  }
}
