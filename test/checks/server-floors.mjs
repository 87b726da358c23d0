// The folders of server/ stand on floors: a folder imports from floors below its own and from itself, so that each can be
// read, tested and moved without those above. A folder that is not listed is that of a component, or of a follower of the log: it stands beside api.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the lowest to the highest. */
const floors = [
  ['turns'],
  ['config', 'observability'],
  ['transport', 'identity', 'policy', 'limits', 'sealing'],
  ['control', 'http'],
  ['dashboard'],
  ['delivery/outlet'],
  ['part'],
  ['publishing'],
  ['ingest'],
  ['delivery/tick', 'following'],
  ['delivery/past'],
  ['delivery/join', 'journal'],
  ['streams'],
  ['session', 'catalog'],
  ['api'],
  ['worker'],
  ['node'],
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const heights = new Map(floors.flatMap((folders, height) => folders.map((folder) => [folder, height])));
const ofComponents = floors.findIndex((folders) => folders.includes('api'));
const heightOf = (/** @type {string} */ folder) => heights.get(folder) ?? ofComponents;
/** The folders of delivery are floors of their own. */
const folderOf = (/** @type {string} */ path) => {
  const [, folder = '', inner = ''] = path.split('/');
  return folder === 'delivery' ? `${folder}/${inner}` : folder;
};
const importPath = /(?:from|import\() ?'(\.{1,2}\/[^']+)'/g;

function sources() {
  return readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('server', path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
}

/** @param {string} file */
function faultsOf(file) {
  const own = folderOf(file);
  return [...readFileSync(join(root, file), 'utf8').matchAll(importPath)]
    .map(([, path = '']) => normalize(join(dirname(file), path)).replaceAll('\\', '/'))
    .filter((path) => path.startsWith('server/') && folderOf(path) !== own)
    .filter((path) => heightOf(folderOf(path)) >= heightOf(own))
    .map((path) => `${file}: imports ${path}, which stands on no lower floor`);
}

const files = sources();
const faults = files.flatMap(faultsOf);
for (const fault of faults) console.error(fault);
console.log(`${files.length} files of server/ on ${floors.length} floors, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
