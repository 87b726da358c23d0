import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Snippet = (names: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>;

/** Code of a guide that uses names which the text around it explains. Its imports are taken from the names given, too. */
export async function loadSnippet(
  code: string,
  names: readonly string[],
  defines: readonly string[],
): Promise<Snippet> {
  const body = code.replaceAll(/^import .*$/gm, '');
  const module = `export default async ({ ${names.join(', ')} }) => {\n${body}\nreturn { ${defines.join(', ')} };\n};\n`;
  const { outputText } = ts.transpileModule(module, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ES2022, jsx: ts.JsxEmit.React },
  });
  const parent = join(root, 'node_modules/.cache');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'pursight-snippet-'));
  const file = join(folder, 'snippet.mjs');
  try {
    writeFileSync(file, outputText);
    return ((await import(file)) as { readonly default: Snippet }).default;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
