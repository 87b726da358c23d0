// Every export of what others build on says what it guarantees: the ports, the protocol, the wire, and the parts of the
// client library. What a file exports is asked of the compiler, so re-exports, lists and defaults are found as well.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = [
  'channels/ports',
  'channels/protocol',
  'channels/wire',
  'channels/control',
  'channels/forms',
  'client-sdk',
];
const elsewhere = /\.(?:test|d|config)\.tsx?$|\/(?:node_modules|dist)\//;

/** Files may be named instead: the check has a test. */
const named = process.argv.slice(2).filter((argument) => argument !== '--list');
const ofFolders = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, folder, name).replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !elsewhere.test(file)),
);
const files = named.length > 0 ? named : ofFolders;
const options = {
  ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  ...{ allowImportingTsExtensions: true, noEmit: true, noLib: true, types: [] },
};
const program = ts.createProgram(files, options);
const checker = program.getTypeChecker();

/** @param {ts.Symbol} symbol */
function declared(symbol) {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** @param {ts.Node} node */
function placeOf(node) {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${relative(root, source.fileName)}:${line + 1}`;
}

/** @param {string} file */
function faultsOf(file) {
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) return [];
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = declared(exported);
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined)
      return [`${relative(root, file)}: ${exported.name} is exported, and declared nowhere`];
    const hasDocstring = symbol.getDocumentationComment(checker).length + symbol.getJsDocTags(checker).length > 0;
    return hasDocstring ? [] : [`${placeOf(declaration)}: ${exported.name} has no docstring`];
  });
}

const faults = new Set(files.flatMap(faultsOf));
for (const fault of faults) console.error(fault);
console.log(`${files.length} files of ports, protocol, wire and client, ${faults.size} exports without a docstring`);
process.exitCode = faults.size === 0 ? 0 : 1;
