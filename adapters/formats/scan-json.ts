const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Index of the quote that ends the string of a JSON text whose first quote is at `start`; the text's length without one. */
export function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === backslash) index += 1;
    else if (code === quote) return index;
  }
  return text.length;
}

/**
 * Calls `visit` for every bracket and comma outside of strings, with the depth that holds before a closing and after
 * an opening bracket. Works on any text; only valid JSON gives a meaningful answer.
 */
export function scanJson(text: string, visit: (char: string, depth: number, index: number) => void): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (code === openBrace || code === openBracket) visit(text.charAt(index), (depth += 1), index);
    else if (code === closeBrace || code === closeBracket) visit(text.charAt(index), depth--, index);
    else if (code === comma) visit(',', depth, index);
  }
  return depth;
}
