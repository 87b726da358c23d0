import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const entries = ['index.ts', 'react/index.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** Names of what a file exports, and of the members of that, that carry no docstring. */
function undocumented(file: string, host?: ts.CompilerHost): readonly string[] {
  const program = ts.createProgram([file], compilerOptions, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is not a module`);
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const members = membersOf(symbol, checker).map((member) => [`${exported.name}.${member.name}`, member] as const);
    return [[exported.name, symbol] as const, ...members]
      .filter(([, candidate]) => candidate.getDocumentationComment(checker).length === 0)
      .map(([name]) => name);
  });
}

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.Node20,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: [],
};

/** Members that we declare: not those of Error or Promise, and no private ones. */
function membersOf(symbol: ts.Symbol, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const isObjectLike = symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class | ts.SymbolFlags.TypeAlias);
  if (!isObjectLike) return [];
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const parts = type.isUnion() ? type.types : [type];
  const instance = parts.flatMap((part) => (part.flags & ts.TypeFlags.Object ? checker.getPropertiesOfType(part) : []));
  const statics = symbol.flags & ts.SymbolFlags.Class ? [...(symbol.exports?.values() ?? [])] : [];
  const intersected = parts.flatMap((part) => (part.isIntersection() ? checker.getPropertiesOfType(part) : []));
  return [...instance, ...intersected, ...statics].filter((member) => member.name !== 'prototype' && isOurs(member));
}

function isOurs(member: ts.Symbol): boolean {
  const files = (member.declarations ?? []).filter((declaration) => {
    const isPrivate =
      ts.isClassElement(declaration) && declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name);
    return !isPrivate && !declaration.getSourceFile().fileName.includes('/node_modules/');
  });
  return files.length > 0;
}

test('everything that the package exports is documented, down to the members', () => {
  for (const entry of entries) expect(undocumented(entry)).toEqual([]);
}, 30_000);

test('the check itself finds what is missing', () => {
  const file = '/sample.ts';
  const text = `export interface Bare {
      /** Told. */
      told: string; untold: string }
    /** A class. */ export class Known { method(): void {} #hidden = 1; static make(): void {} }
    /** A union. */ export type Either = { a: 1 } | ({
      /** Told. */
      b: 2 } & { c: 3 });
    export function bare(): void {}`;
  const host = ts.createCompilerHost(compilerOptions);
  const withSample: ts.CompilerHost = {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    getSourceFile: (name, version, ...rest) =>
      name === file ? ts.createSourceFile(name, text, version) : host.getSourceFile(name, version, ...rest),
  };
  expect(undocumented(file, withSample).toSorted()).toEqual([
    'Bare',
    'Bare.untold',
    'Either.a',
    'Either.c',
    'Known.make',
    'Known.method',
    'bare',
  ]);
}, 30_000);
