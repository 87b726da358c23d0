// The promises of docs/spec.md and the tests that hold them: every promise of the chapters before "Planned" has a test
// whose name contains its id, and no test names an id that the document does not have.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [kept = '', planned = ''] = readFileSync(join(root, 'docs/spec.md'), 'utf8').split(/^## Planned$/m);
const idsOf = (text) => [...text.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, id]) => id ?? '');
const promises = idsOf(kept);
const known = new Set([...promises, ...idsOf(planned)]);

function testFiles() {
  return ['adapters', 'bench', 'channels', 'cli', 'client-sdk', 'dashboard', 'deploy', 'server', 'test'].flatMap(
    (folder) =>
      readdirSync(join(root, folder), { recursive: true })
        .filter((path) => !/(^|[/\\])(node_modules|dist)[/\\]/.test(path))
        .filter((path) => path.endsWith('.test.ts') || (folder === 'adapters' && /^contract.*\.ts$/.test(path)))
        .map((path) => join(folder, path)),
  );
}

/** Names of describe, it and test, with the ids in them. */
function namesOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const calls = text.matchAll(/\b(?:describe|it|test)(?:\.\w+)*\(\s*(['"`])(.*?)\1/gs);
  return [...calls].map(([, , name]) => ({ file, ids: (name ?? '').match(/\b[DIPLRSUW]\d+\b/g) ?? [] }));
}

const named = testFiles().flatMap(namesOf);
const tested = new Set(named.flatMap(({ ids }) => ids));
const repeated = promises.filter((id, index) => promises.indexOf(id) !== index);
const faults = [
  ...repeated.map((id) => `docs/spec.md: ${id} stands twice`),
  ...promises.filter((id) => !tested.has(id)).map((id) => `${id}: no test has it in its name`),
  ...named.flatMap(({ file, ids }) =>
    ids.filter((id) => !known.has(id)).map((id) => `${file}: names ${id}, which docs/spec.md does not have`),
  ),
];
for (const fault of faults) console.error(fault);
console.log(`${promises.length} promises, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
