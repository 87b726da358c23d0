import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { heapGrowthFlag } from './heap-growth.ts';

it('sets a flag that the V8 of this Node.js knows', () => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  expect(known).toContain(`  ${heapGrowthFlag} (`);
});
