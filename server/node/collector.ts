import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** Of V8. Their names are not part of any promise of Node.js, so a test looks whether V8 still knows them. */
export const collectorFlags = { growth: '--heap-growing-percent', concurrentMarking: '--concurrent-marking' } as const;

/**
 * Lets the heap grow to three times of what is in use before V8 marks all of it. By itself V8 does that after a quarter
 * more, because a hub allocates little in a second: with 60 MB in use and 700 events a second every three seconds, and
 * each time its threads share the CPU with the ticks for 50 ms. `--max-old-space-size` bounds the heap as ever.
 *
 * With one CPU marking stays in the thread that it is for, in small steps: four helpers that want the same CPU make whoever
 * waits for an event wait for the rest of the marking (under load 120 ms instead of 40); on more CPUs they help.
 */
export function tuneCollector(cpus = availableParallelism()): void {
  setFlagsFromString(`${collectorFlags.growth}=200`);
  if (cpus === 1) setFlagsFromString(`--no-${collectorFlags.concurrentMarking.slice(2)}`);
}
