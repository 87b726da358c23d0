/**
 * The one order of texts, everywhere: by code points, which is also the order of their UTF-8 bytes, in which MongoDB and
 * LMDB compare. JavaScript compares UTF-16 units, and so puts what lies beyond the first 65,536 characters before the
 * last of these.
 */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const [unit, against] = [one.charCodeAt(index), other.charCodeAt(index)];
    if (unit !== against) return rank(unit) - rank(against);
  }
  return one.length - other.length;
}

/** Surrogates stand for what comes behind all other units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
