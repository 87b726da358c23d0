import { setFlagsFromString } from 'node:v8';

/** Of V8. Its name is not part of any promise of Node.js, so a test looks whether V8 still knows it. */
export const heapGrowthFlag = '--heap-growing-percent';

/**
 * Lets the heap grow to three times of what is in use before V8 marks all of it. By itself V8 does that after a quarter
 * more, because a hub allocates little in a second: with 60 MB in use and 700 events a second every three seconds, and
 * each time its threads share the CPU with the ticks for 50 ms. `--max-old-space-size` bounds the heap as ever.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`${heapGrowthFlag}=200`);
}
