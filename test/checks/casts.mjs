// A type assertion says what the compiler cannot see, so each is a place where the two may disagree: their number may fall, not rise.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Room for three more: what is printed is how many there are. */
const limit = 42;
const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['channels', 'adapters', 'server', 'cli', 'client-sdk', 'dashboard'];
const elsewhere = /\.(?:test|d)\.ts$|\/(?:node_modules|dist)\/|^adapters\/contract\/|^client-sdk\/testing\//;

/**
 * What says to the compiler what it cannot see: `x as T`, `<T>x`, `x!`, `let x!: T`, `const x: T = JSON.parse(y)`, and
 * comments that silence it. `x as unknown as T` is two; `as const` and `satisfies` assert nothing.
 * @param {ts.Node} node
 */
function isAssertion(node) {
  if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) return !ts.isConstTypeReference(node.type);
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node))
    return node.exclamationToken !== undefined || givesTypeToAny(node);
  return ts.isNonNullExpression(node);
}

/** @param {ts.VariableDeclaration | ts.PropertyDeclaration} node */
function givesTypeToAny({ type, initializer }) {
  if (type === undefined || initializer === undefined || type.kind === ts.SyntaxKind.UnknownKeyword) return false;
  return /^(?:await )?(?:JSON\.parse\(|[^()]*\.json\(\)$)/.test(initializer.getText());
}

/** One of these removes every check of a line. */
const silencing = /@ts-(?:ignore|expect-error|nocheck)\b/;

/** @param {string} file */
function castsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(resolve(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {string[]} */
  const places = [];
  /** @param {ts.Node} node */
  function visit(node) {
    if (isAssertion(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getEnd());
      places.push(`${file}:${line + 1}: ${node.getText(source).replaceAll(/\s+/g, ' ')}`);
    }
    ts.forEachChild(node, visit);
  }
  visit(source);
  source.text.split('\n').forEach((line, index) => {
    if (silencing.test(line)) places.push(`${file}:${index + 1}: ${line.trim()}`);
  });
  return places;
}

/** @param {string} folder */
function castsIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !elsewhere.test(file))
    .flatMap(castsOf);
}

/** Files may be named instead: the check has a test. */
const named = process.argv.slice(2).filter((argument) => argument !== '--list');
const found =
  named.length > 0
    ? named.map((file) => ({ folder: file, casts: castsOf(file) }))
    : folders.map((folder) => ({ folder, casts: castsIn(folder) }));
const all = found.flatMap(({ casts }) => casts);
if (all.length > limit || process.argv.includes('--list')) for (const cast of all) console.error(cast);
const byFolder = found.map(({ folder, casts }) => `${folder} ${casts.length}`).join(', ');
console.log(`${all.length} type assertions of at most ${limit}: ${byFolder}`);
process.exitCode = all.length > limit ? 1 : 0;
