/**
 * JSON has numbers of any size and precision, JavaScript has doubles: 12345678901234567890 would be kept, compared and
 * shown as 12345678901234567000 without a word. Node 20 cannot give a reviver the text of a number, so numbers that a
 * double would alter are found in the text and replaced by an object that says them, before it is parsed again. An
 * object is no number and no text: where a field needs one of these, it is refused by name; elsewhere it is kept.
 */

import { exceeded } from './faults.ts';
import { formatLimits } from './limits.ts';
import { endOfString } from './scan-json.ts';

/** Where a number stands that may be such a one. Most messages have none, and must not pay for more than this. */
const suspect = /(?:^|[[:,\s])-?(?:\d[\d.]{15}|[\d.]{1,15}[eE])/;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const [quote, minus, zero, nine] = [0x22, 0x2d, 0x30, 0x39];

/** Digits without zeros at either end, and the power of ten of the last: equal for equal values. */
function decimal(text: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === zero) end -= 1;
  if (end === 0) return '0';
  const power = BigInt(exponent.slice(0, 400)) - BigInt(fraction.length) + BigInt(digits.length - end);
  return `${digits.slice(0, end)}e${power}`;
}

/** True for a JSON number that comes out of a double as it went in, apart from the way in which it is written. */
export function isExact(text: string): boolean {
  const value = Number(text);
  return Number.isFinite(value) && decimal(text) === decimal(String(value));
}

/** The object by which a number is kept that a double cannot hold. */
export function exactNumber(text: string): { readonly exactNumber: string } {
  return { exactNumber: text };
}

function numberAt(text: string, index: number): string | undefined {
  const code = text.charCodeAt(index);
  if (code !== minus && (code < zero || code > nine)) return undefined;
  number.lastIndex = index;
  return number.exec(text)?.[0];
}

/** False is sure: every number of the text is exact. */
export function mayHoldInexact(text: string): boolean {
  return suspect.test(text);
}

/** The JSON text with each number that a double would alter as an `exactNumber`. @throws HubError limit-exceeded */
export function withExactNumbers(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) === quote) {
      index = endOfString(text, index);
      continue;
    }
    const found = numberAt(text, index);
    if (found === undefined) continue;
    if (!isExact(found)) {
      if (pieces.length >= 2 * formatLimits.maxExactNumbers)
        throw exceeded('the message', `${formatLimits.maxExactNumbers} numbers that a double cannot hold`);
      pieces.push(text.slice(from, index), JSON.stringify(exactNumber(found)));
      from = index + found.length;
    }
    index += found.length - 1;
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(from);
}
