import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { commonProtocol, spokenProtocols } from './version.ts';

/** What the files below say, by the newest version of the protocol. */
const known: Readonly<Record<number, string>> = { 1: '1ec8f3ddfda6e97e' };

const advice = `The files of the wire protocol have changed. Would an older side misread a message?
Yes: raise \`newest\` in version.ts, leave \`oldest\`, and add a line to \`known\`.
No (something was added as docs/protocol.md, Versions, allows it): replace the hash in the line of the newest version.
In both cases docs/protocol.md says what has changed.`;

/** Comments and white space say nothing on the wire. */
function bare(file: string): string {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').replaceAll(/\s+/g, '');
}

it('a change of a wire message is judged: the version rises if an older side would misread it', () => {
  const hash = createHash('sha256')
    .update(['./up.ts', './down.ts', './entity.ts', './search.ts', './up-schema.ts'].map(bare).join('\n'))
    .digest('hex')
    .slice(0, 16);
  expect(known[spokenProtocols.newest], advice).toBe(hash);
});

it.each([
  ['the same', { oldest: 1, newest: 1 }, { oldest: 1, newest: 1 }, 1],
  ['the other ahead', { oldest: 1, newest: 1 }, { oldest: 1, newest: 2 }, 1],
  ['the highest of several', { oldest: 1, newest: 4 }, { oldest: 2, newest: 3 }, 3],
  ['none', { oldest: 1, newest: 1 }, { oldest: 2, newest: 3 }, undefined],
])('both sides find the same version: %s', (_name, one, other, common) => {
  expect([commonProtocol(one, other), commonProtocol(other, one)]).toEqual([common, common]);
});
