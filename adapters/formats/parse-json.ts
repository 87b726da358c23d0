import type { JsonValue } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { mayHoldInexact, withExactNumbers } from './exact-numbers.ts';
import { invalid, tooLarge } from './faults.ts';
import { formatLimits } from './limits.ts';
import { scanJson } from './scan-json.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const surrogateEscape = /\\u[dD][89a-fA-F]/;
const loneSurrogate = /\p{Surrogate}/u;

function notJson(problem: string, cause?: unknown): HubError {
  return new HubError('invalid-json', problem, cause === undefined ? {} : { cause });
}

/** UTF-8 text of at most `maxBytes`. @throws HubError message-too-large, invalid-json */
export function decodeText(bytes: Uint8Array, maxBytes: number = formatLimits.maxMessageBytes): string {
  if (bytes.byteLength > maxBytes) throw tooLarge('the message', maxBytes);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw notJson('the message is not UTF-8 text', cause);
  }
}

/** Few brackets cannot nest deeply: most messages need no look at every character. */
function hasManyBrackets(text: string): boolean {
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let index = text.indexOf(bracket); index !== -1; index = text.indexOf(bracket, index + 1))
      if ((found += 1) > formatLimits.maxDepth) return true;
  }
  return false;
}

/** Nesting is measured before parsing: everything that later walks the value recursively relies on it. */
function assertDepth(text: string): void {
  if (!hasManyBrackets(text)) return;
  scanJson(text, (_char, depth) => {
    if (depth > formatLimits.maxDepth)
      throw invalid('the message', `must not nest deeper than ${formatLimits.maxDepth} levels`);
  });
}

/** Half a surrogate pair cannot be stored or put into a urn; JSON can only bring one in by an escape. */
function assertWellFormed(value: unknown): void {
  if (typeof value === 'string' && loneSurrogate.test(value))
    throw invalid('the message', 'must not contain half of a surrogate pair');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    assertWellFormed(key);
    assertWellFormed(member);
  }
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notJson('the message is not valid JSON', cause);
  }
}

/**
 * A JSON text that is safe to walk. A number that a double would alter is an `exactNumber` (exact-numbers.ts).
 * @throws HubError invalid-json, invalid-message
 */
export function parseJson(text: string): JsonValue {
  assertDepth(text);
  let value = parsed(text);
  if (mayHoldInexact(text)) {
    const exact = withExactNumbers(text);
    if (exact !== text) value = parsed(exact);
  }
  if (surrogateEscape.test(text)) assertWellFormed(value);
  return value;
}

/** @throws HubError invalid-json, invalid-message, message-too-large */
export function parseJsonBytes(bytes: Uint8Array, maxBytes?: number): JsonValue {
  return parseJson(decodeText(bytes, maxBytes));
}

/** Text of each element of a valid JSON array, unaltered: re-encoding would damage integers above 2^53. */
export function arrayElements(text: string): readonly string[] {
  const elements: string[] = [];
  let start: number | undefined;
  scanJson(text, (_char, depth, index) => {
    if (depth !== 1) return;
    if (start !== undefined) elements.push(text.slice(start, index).trim());
    start = index + 1;
  });
  return elements.filter((element) => element !== '');
}
