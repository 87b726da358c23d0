// Every export of what others build on says what it guarantees: the ports, the protocol, the wire, and the parts of the
// client library.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = [
  'channels/ports',
  'channels/protocol',
  'channels/wire',
  'channels/control',
  'channels/forms',
  'client-sdk',
];
const declaration = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const) (\w+)/;

/** @param {string} file */
function faultsOf(file) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1];
    if (name === undefined || (lines[index - 1] ?? '').trimEnd().endsWith('*/')) return [];
    return [`${file}:${index + 1}: ${name} has no docstring`];
  });
}

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/\.(?:test|d)\.ts$|\/(?:node_modules|dist)\//.test(file)),
);
const faults = files.flatMap(faultsOf);
for (const fault of faults) console.error(fault);
console.log(`${files.length} files of ports, protocol, wire and client, ${faults.length} exports without a docstring`);
process.exitCode = faults.length === 0 ? 0 : 1;
