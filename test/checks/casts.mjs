// A type assertion says what the compiler cannot see, so each is a place where the two may disagree: their number may fall, not rise.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Room for a few more: what is printed is how many there are. */
const limit = 79;
const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['channels', 'adapters', 'server', 'cli', 'client-sdk'];
const elsewhere = /\.(?:test|d)\.ts$|\/(?:node_modules|dist)\/|^adapters\/contract\/|^client-sdk\/testing\//;

/**
 * The places of `x as T` and `<T>x` in one file; `as const` asserts nothing.
 * @param {string} file
 */
function castsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {string[]} */
  const places = [];
  /** @param {ts.Node} node */
  function visit(node) {
    if ((ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) && !ts.isConstTypeReference(node.type)) {
      const { line } = source.getLineAndCharacterOfPosition(node.type.getStart(source));
      places.push(`${file}:${line + 1}: ${node.getText(source).replaceAll(/\s+/g, ' ')}`);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  return places;
}

/** @param {string} folder */
function castsIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !elsewhere.test(file))
    .flatMap(castsOf);
}

const found = folders.map((folder) => ({ folder, casts: castsIn(folder) }));
const all = found.flatMap(({ casts }) => casts);
if (all.length > limit || process.argv.includes('--list')) for (const cast of all) console.error(cast);
const byFolder = found.map(({ folder, casts }) => `${folder} ${casts.length}`).join(', ');
console.log(`${all.length} type assertions of at most ${limit}: ${byFolder}`);
process.exitCode = all.length > limit ? 1 : 0;
