import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { heapGrowthFlag } from './heap-growth.ts';

it('sets a flag that the V8 of this Node.js knows', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  expect(known).toContain(`  ${heapGrowthFlag} (`);
});

it('lets the heap grow to three times of what is in use', () => {
  const program = "import { letHeapGrow } from './server/lifecycle/heap-growth.ts'; letHeapGrow(); gc();";
  const flags = ['--expose-gc', '--trace-gc-verbose', '--import', 'tsx', '--input-type=module'];
  const trace = execFileSync(process.execPath, [...flags, '--eval', program], { encoding: 'utf8' });
  // how it says so differs from version to version: `factor 3.0`, or `(3.0)`
  expect(trace).toMatch(/HeapController.* \(?3\.0\b/);
});
