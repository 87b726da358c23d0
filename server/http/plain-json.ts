import { HubError } from '../../channels/protocol/hub-error.ts';

/** A value that nests deeper would exhaust the stack of whatever walks it. */
const maxDepth = 64;
const loneSurrogate = /\p{Surrogate}/u;

function refused(problem: string): HubError {
  return new HubError('invalid-request', `body: ${problem}`);
}

function assertText(text: string): void {
  if (loneSurrogate.test(text)) throw refused('must not contain half of a surrogate pair');
}

function assertPlain(value: unknown, depth: number): void {
  if (typeof value === 'string') assertText(value);
  else if (typeof value === 'number' && !Number.isFinite(value)) throw refused('has a number that is too large');
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw refused(`must not nest deeper than ${maxDepth} levels`);
  for (const [key, member] of Object.entries(value)) {
    assertText(key);
    // stores end a key at NUL: two different keys would become one
    if (key.includes('\0')) throw refused('must not contain a key with a NUL character');
    assertPlain(member, depth + 1);
  }
}

/**
 * Refuses what JSON can say and no store keeps as it is said: half characters, numbers that become infinite and so null,
 * and nesting without end. @throws HubError invalid-request
 */
export function assertPlainJson(value: unknown): void {
  assertPlain(value, 1);
}
