import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite, Vitest } from 'vitest/node';

/**
 * Counts what happened for `npm test`, into the file that PURSIGHT_TEST_COUNT_FILE names. A count of passed tests says
 * nothing about hooks, imports and set-ups that failed, so each of these counts as one failure. Written at the exit of
 * the process, because a global teardown may still fail after the last test.
 */
export default class CountReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #closeFaults = 0;

  onInit(vitest: Vitest): void {
    this.#watchClose(vitest);
    const file = process.env['PURSIGHT_TEST_COUNT_FILE'];
    if (file !== undefined) process.on('exit', () => this.#write(file));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.#failed += unhandled.length;
    for (const module of modules) this.#countModule(module);
  }

  #countModule(module: TestModule): void {
    this.#countOwnErrors(module);
    for (const suite of module.children.allSuites()) this.#countOwnErrors(suite);
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') this.#passed++;
      else if (state === 'failed') this.#failed++;
      else this.#skipped++;
    }
  }

  #countOwnErrors(container: TestModule | TestSuite): void {
    if (container.errors().length > 0) this.#failed++;
  }

  /** Vitest logs a teardown that throws and still exits with 0; the logger is the only place that hears of it. */
  #watchClose(vitest: Vitest): void {
    const { logger } = vitest;
    const original = logger.error.bind(logger);
    logger.error = (...args: Parameters<typeof original>) => {
      if (args[0] === 'error during close') this.#closeFaults++;
      original(...args);
    };
  }

  #write(file: string): void {
    const counts = { passed: this.#passed, failed: this.#failed + this.#closeFaults, skipped: this.#skipped };
    writeFileSync(file, JSON.stringify(counts));
  }
}
