import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
const run = promisify(execFile);

/** The documents agree with the code: the same scripts that `npm run check` runs, so that `npm test` finds it too. */
it.each(scripts)('%s finds nothing', { timeout: 30_000 }, async (script) => {
  const { stdout } = await run(process.execPath, [join(folder, script)]);
  expect(stdout).not.toBe('');
});

describe('a check of one file', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'pursight-checks-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** What a script reports of a file with these lines, one entry a line. */
  async function reported(script: string, lines: readonly string[]): Promise<readonly string[]> {
    const file = join(scratch, 'sample.ts');
    writeFileSync(file, lines.join('\n'));
    const { stderr } = await run(process.execPath, [join(folder, script), file, '--list']).catch(
      (error: { readonly stderr: string }) => error,
    );
    return stderr.split('\n').filter((line) => line !== '');
  }

  it('docstrings.mjs finds every form of an export', { timeout: 30_000 }, async () => {
    const found = await reported('docstrings.mjs', [
      ...['const a = 1;', 'interface B {', '  readonly x: number;', '}', '/** Said. */', 'const c = 1;'],
      ...['export { a as renamed, c };', 'export type { B };', 'export default function (): void {}'],
      ...['export const { d } = { d: 1 };', 'export enum E {', '  x,', '}', 'export let f = 1;'],
    ]);
    const names = new Set(found.map((line) => / (\w+) has no docstring$/.exec(line)?.[1]));
    expect(names).toEqual(new Set(['renamed', 'B', 'default', 'd', 'E', 'f']));
  });

  it('casts.mjs counts what asserts a type in another way', { timeout: 30_000 }, async () => {
    const found = await reported('casts.mjs', [
      "const a = <string>JSON.parse('1');",
      "const b: string = JSON.parse('1');",
      'const c = a as unknown as number;',
      'const d = [a][0]!;',
      'let e!: string;',
      '// @ts-ignore',
      ...["const f: unknown = JSON.parse('1');", "const g = ['x'] as const;", 'const h = { a } satisfies object;'],
    ]);
    const lines = found.map((line) => Number(/:(\d+): /.exec(line)?.[1]));
    expect(lines.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 3, 4, 5, 6]);
  });
});
