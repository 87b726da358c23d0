import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { collectorFlags } from './collector.ts';

it('sets flags that the V8 of this Node.js knows', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const flag of Object.values(collectorFlags)) expect(known).toContain(`  ${flag} (`);
});

it('lets the heap grow to three times of what is in use', () => {
  const program = "import { tuneCollector } from './server/node/collector.ts'; tuneCollector(); gc();";
  const flags = ['--expose-gc', '--trace-gc-verbose', '--import', 'tsx', '--input-type=module'];
  const trace = execFileSync(process.execPath, [...flags, '--eval', program], { encoding: 'utf8' });
  // how it says so differs from version to version: `factor 3.0`, or `(3.0)`
  expect(trace).toMatch(/HeapController.* \(?3\.0\b/);
});

it('works with one CPU, too', () => {
  const program =
    "import { tuneCollector } from './server/node/collector.ts'; tuneCollector(1); gc(); console.log('fine');";
  const flags = ['--expose-gc', '--import', 'tsx', '--input-type=module'];
  expect(execFileSync(process.execPath, [...flags, '--eval', program], { encoding: 'utf8' })).toBe('fine\n');
});
