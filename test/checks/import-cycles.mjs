// No file imports another that imports it, on whatever way, not even types: whoever reads a file must be able to stop below it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['channels', 'adapters', 'server', 'cli', 'client-sdk', 'dashboard'];
const importPath = /(?:from|import\() ?'(\.{1,2}\/[^']+)'/g;

/** @type {Map<string, readonly string[]>} */
const imports = new Map();
for (const folder of folders) {
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name).replaceAll('\\', '/');
    if (!file.endsWith('.ts') || /\.(?:test|d)\.ts$|\/(?:node_modules|dist)\//.test(file)) continue;
    const text = readFileSync(join(root, file), 'utf8');
    const paths = [...text.matchAll(importPath)].map(([, path = '']) => normalize(join(dirname(file), path)));
    imports.set(
      file,
      paths.map((path) => path.replaceAll('\\', '/')),
    );
  }
}

/** @type {Map<string, 'open' | 'done'>} */
const states = new Map();
/** @type {string[]} */
const path = [];
/** @type {string[]} */
const cycles = [];

/** @param {string} file */
function visit(file) {
  states.set(file, 'open');
  path.push(file);
  for (const next of imports.get(file) ?? []) {
    const state = states.get(next);
    if (state === 'open') cycles.push([...path.slice(path.indexOf(next)), next].join(' -> '));
    else if (state === undefined && imports.has(next)) visit(next);
  }
  path.pop();
  states.set(file, 'done');
}

for (const file of imports.keys()) if (!states.has(file)) visit(file);
for (const cycle of cycles) console.error(cycle);
console.log(`${imports.size} files, ${cycles.length} cycles of imports`);
process.exitCode = cycles.length === 0 ? 0 : 1;
