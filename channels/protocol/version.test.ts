import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { protocolVersion } from './version.ts';

/** What the files below say, by version of the protocol. */
const known: Readonly<Record<number, string>> = { 1: '602e82427123fcbc' };

/** Comments and white space say nothing on the wire. */
function bare(file: string): string {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').replaceAll(/\s+/g, '');
}

it('a change of a wire message comes with a new protocol version', () => {
  const hash = createHash('sha256')
    .update(['./up.ts', './down.ts', './up-schema.ts'].map(bare).join('\n'))
    .digest('hex')
    .slice(0, 16);
  const advice =
    'a wire change needs a new protocolVersion or, before the first release, an updated hash here together with docs/protocol.md';
  expect(known[protocolVersion], advice).toBe(hash);
});
