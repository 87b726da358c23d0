import { createHash } from 'node:crypto';
import type { FilterValue } from '../../channels/subscription/filter.ts';

/*
 * Values of filters as the server stores them. It compares without regard to case and spaces, reads numbers in texts, and cuts
 * at 468 bytes what is stored but not what is asked for, so that a long value is never found and its negation always. So a
 * value is stored as lower-case hexadecimal digits, whose order and beginnings are those of the value, and a long one by
 * its beginning and, apart, its hash.
 */

/** A field with one value that has none, or an empty list. No value is stored like this. */
export const noValue = 'n';
/** A member of a classification that has none. */
export const noMember = 'm';
/** Above every stored value. */
const aboveAll = 'b';
/** Above every hexadecimal digit. */
const aboveDigits = 'g';
/** Longer values are cut. As hexadecimal digits that is below the 468 bytes of the server. */
export const maxStoredBytes = 230;

function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

const allBits = 0xffff_ffff_ffff_ffffn;

/** 64 bits whose order is that of the numbers. */
function bitsOf(value: number): bigint {
  const bytes = Buffer.alloc(8);
  // 0 and -0 are equal
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  const bits = bytes.readBigUInt64BE();
  return bits >> 63n === 1n ? ~bits & allBits : bits | (1n << 63n);
}

function digitsOf(bits: bigint): string {
  return bits.toString(16).padStart(16, '0');
}

function ofNumber(value: number): string {
  return digitsOf(bitsOf(value));
}

function beginningOf(text: string): { readonly digits: string; readonly isCut: boolean } {
  const digits = hex(text);
  const isCut = digits.length > 2 * maxStoredBytes;
  return { digits: isCut ? digits.slice(0, 2 * maxStoredBytes) : digits, isCut };
}

function hashOf(text: string): string {
  return `h${createHash('sha256').update(text).digest('hex')}`;
}

type Stored = Exclude<FilterValue, null>;

/** What is stored of a value: one text, or two if it is long. */
export function storedValues(value: Stored): readonly string[] {
  if (typeof value !== 'string') return [`a${ofNumber(Number(value))}`];
  const { digits, isCut } = beginningOf(value);
  return isCut ? [`a${digits}${aboveDigits}`, hashOf(value)] : [`a${digits}`];
}

/** By which a value is sorted. */
export function sortedValue(value: string | number): string {
  return storedValues(value)[0] ?? noValue;
}

/** The one of the texts by which equal values are found, and no others. */
export function equalValue(value: Stored): string {
  return storedValues(value).at(-1) ?? noValue;
}

/** From a counted text back to the value; undefined for what stands for none or is cut. */
export function valueOf(stored: string, type: 'string' | 'number'): string | number | undefined {
  if (!/^a(?:[0-9a-f]{2})*$/.test(stored)) return undefined;
  const bytes = Buffer.from(stored.slice(1), 'hex');
  if (type === 'string') return bytes.toString('utf8');
  if (bytes.length !== 8) return undefined;
  const bits = bytes.readBigUInt64BE();
  bytes.writeBigUInt64BE(bits >> 63n === 1n ? bits & ~(1n << 63n) : ~bits & allBits);
  return bytes.readDoubleBE();
}

/** A condition on one attribute as the server reads it, and whether it holds for exactly the values that are meant. */
export interface Condition {
  readonly text: string;
  readonly isExact: boolean;
}

function between(attribute: string, from: string, to: string): string {
  return `${attribute} "${from}" TO "${to}"`;
}

/** Values that begin with a text. */
export function beginsWith(attribute: string, text: string): Condition {
  const { digits, isCut } = beginningOf(text);
  return { text: between(attribute, `a${digits}`, `a${digits}${aboveDigits}`), isExact: !isCut };
}

/** Values on one side of another. What has been cut may lie on either. */
export function compares(attribute: string, op: 'gt' | 'gte' | 'lt' | 'lte', value: Stored): Condition {
  const { digits, isCut } =
    typeof value === 'string' ? beginningOf(value) : { digits: ofNumber(Number(value)), isCut: false };
  const isExact = !isCut;
  switch (op) {
    case 'gt':
      // the next longer text is the smallest that is greater
      return { text: between(attribute, `a${digits}${isCut ? '' : '00'}`, aboveAll), isExact };
    case 'gte':
      return { text: between(attribute, `a${digits}`, aboveAll), isExact };
    case 'lt':
      return { text: `${attribute} <${isCut ? '=' : ''} "a${digits}${isCut ? aboveDigits : ''}"`, isExact };
    case 'lte':
      return { text: `${attribute} <= "a${digits}${isCut ? aboveDigits : ''}"`, isExact };
  }
}

/** One scheme, and bounds that the level of a classification in it has to keep. */
export interface LevelRange {
  readonly scheme: string;
  readonly bounds: readonly { readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; readonly value: number }[];
}

/** Scheme and level of one classification together, so that they are compared as those of one. */
export function storedRank(scheme: string, level: number): string {
  return `${equalValue(scheme)}i${ofNumber(level)}`;
}

/** There is a classification in the scheme with a level within the bounds. */
export function ranksBetween(attribute: string, { scheme, bounds }: LevelRange): Condition {
  let [from, to] = [0n, allBits];
  for (const { op, value } of bounds) {
    const bits = bitsOf(value);
    const least = op === 'gt' ? bits + 1n : op === 'gte' || op === 'eq' ? bits : 0n;
    const most = op === 'lt' ? bits - 1n : op === 'lte' || op === 'eq' ? bits : allBits;
    if (least > from) from = least;
    if (most < to) to = most;
  }
  const start = `${equalValue(scheme)}i`;
  return { text: between(attribute, `${start}${digitsOf(from)}`, `${start}${digitsOf(to)}`), isExact: true };
}
