// What a newcomer can read in one sitting: no file that is shipped has more than 300 lines, no folder of server/ more than
// 1500. Not counted: tests and what only they use, the folders inside a folder, and the invented bank of the demo, which is data.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const limits = { file: 300, folder: 1500 };
const shipped = ['channels', 'adapters', 'server', 'cli', 'client-sdk', 'dashboard'];
const elsewhere =
  /\.(?:test|d)\.tsx?$|\/(?:node_modules|dist)\/|^adapters\/contract\/|^client-sdk\/testing\/|^cli\/demo\/bank\.ts$/;

/** @type {Map<string, number>} */
const folders = new Map();
/** @type {string[]} */
const faults = [];
let files = 0;
for (const folder of shipped)
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name).replaceAll('\\', '/');
    if (!/\.tsx?$/.test(path) || elsewhere.test(path)) continue;
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
    files += 1;
    if (lines > limits.file) faults.push(`${path}: ${lines} lines, at most ${limits.file}`);
    if (folder === 'server') folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + lines);
  }
for (const [folder, lines] of folders)
  if (lines > limits.folder) faults.push(`${folder}: ${lines} lines, at most ${limits.folder}`);

for (const fault of faults) console.error(fault);
console.log(
  `${files} files, ${folders.size} folders of server/, the largest of ${Math.max(...folders.values())} lines, ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
