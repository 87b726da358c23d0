// What a newcomer can read in one sitting: no file of server/ has more than 300 lines, no folder more than 1500. Tests and the
// folders inside a folder are not counted.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../server', import.meta.url));
const limits = { file: 300, folder: 1500 };

/** @type {Map<string, number>} */
const folders = new Map();
/** @type {string[]} */
const faults = [];
for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
  const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
  folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + lines);
  if (lines > limits.file) faults.push(`server/${path}: ${lines} lines, at most ${limits.file}`);
}
for (const [folder, lines] of folders)
  if (lines > limits.folder) faults.push(`server/${folder}: ${lines} lines, at most ${limits.folder}`);

for (const fault of faults) console.error(fault);
console.log(
  `${folders.size} folders of server/, the largest of ${Math.max(...folders.values())} lines, ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
