import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a document says that a command prints. */
export interface DocSample {
  /** Words behind the name of the program. */
  readonly args: readonly string[];
  readonly output: string;
}

/** The samples of a document: blocks of `console`, each with one command behind a `$`. */
export function samplesOf(document: string): readonly DocSample[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```console\n\$ \S+ (.*)\n([\s\S]*?)^```$/gm)].map(([, command = '', output = '']) => ({
    args: command.split(' '),
    output,
  }));
}

/**
 * A text without what differs from one run to the next: `replace` names such words, times and numbers go by themselves, as
 * do spaces that align columns, and lines of a table that then say the same.
 */
export function shapeOf(text: string, replace: Readonly<Record<string, string>> = {}): readonly string[] {
  const named = Object.entries(replace).reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const lines = named
    .trim()
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\d+/g, '<n>')
    .replaceAll(/ +/g, ' ')
    .split('\n');
  return lines.filter((line, index) => line !== lines[index - 1]);
}
