import { describe, inject, it } from 'vitest';
import type { ServiceName } from '../../deploy/services/ensure.mjs';
import './provided.ts';

/**
 * `describe` for tests that need real servers; `body` gets their URLs. Where one of them cannot be had the suite is
 * skipped and says why; with `CI=true` that is a failure. Only for files of the `services` project.
 */
export function describeWithServices<Name extends ServiceName>(
  names: readonly Name[],
  title: string,
  body: (urls: Readonly<Record<Name, string>>) => void,
): void {
  const { urls, reasons, required } = inject('services');
  const missing = names.filter((name) => urls[name] === undefined);
  if (missing.length === 0) {
    describe(title, () => {
      body(urls as Readonly<Record<Name, string>>);
    });
    return;
  }
  const reason = missing.map((name) => `${name}: ${reasons[name]}`).join('; ');
  describe.skipIf(!required)(title, () => {
    it(`has its servers (${missing.join(', ')})`, () => {
      throw new Error(reason);
    });
  });
}
