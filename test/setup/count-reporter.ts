import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite, Vitest } from 'vitest/node';

/**
 * Counts what happened for `npm test`, and lists what failed, into the file that PURSIGHT_TEST_COUNT_FILE names. A count
 * of passed tests says nothing about hooks, imports and set-ups that failed, so each of these counts as one failure.
 * Written at the exit of the process, because a global teardown may still fail after the last test.
 */
export default class CountReporter implements Reporter {
  #passed = 0;
  #skipped = 0;
  readonly #failures: string[] = [];

  onInit(vitest: Vitest): void {
    this.#watchClose(vitest);
    const file = process.env['PURSIGHT_TEST_COUNT_FILE'];
    if (file !== undefined) process.on('exit', () => this.#write(file));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) this.#fail('outside of any test', [error]);
    for (const module of modules) this.#countModule(module);
  }

  #countModule(module: TestModule): void {
    this.#countOwnErrors(module);
    for (const suite of module.children.allSuites()) this.#countOwnErrors(suite);
    for (const test of module.children.allTests()) {
      const { state, errors } = test.result();
      if (state === 'passed') this.#passed++;
      else if (state === 'failed') this.#fail(`${module.relativeModuleId} > ${test.fullName}`, errors);
      else this.#skipped++;
    }
  }

  #fail(what: string, errors: readonly SerializedError[]): void {
    this.#failures.push([what, ...errors.map(({ message }) => message)].join('\n'));
  }

  #countOwnErrors(container: TestModule | TestSuite): void {
    const errors = container.errors();
    if (errors.length === 0) return;
    this.#fail(container.type === 'module' ? container.relativeModuleId : container.fullName, errors);
  }

  /** Vitest logs a teardown that throws and still exits with 0; the logger is the only place that hears of it. */
  #watchClose(vitest: Vitest): void {
    const { logger } = vitest;
    const original = logger.error.bind(logger);
    logger.error = (...args: Parameters<typeof original>) => {
      if (args[0] === 'error during close') this.#fail('a global teardown', []);
      original(...args);
    };
  }

  #write(file: string): void {
    const counts = { passed: this.#passed, failed: this.#failures.length, skipped: this.#skipped };
    writeFileSync(file, JSON.stringify({ ...counts, failures: this.#failures }));
  }
}
