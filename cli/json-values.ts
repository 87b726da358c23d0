/** One JSON value of a file, as it is written there, and where: `line 3` or `element 7`. */
export interface PlacedValue {
  readonly at: string;
  readonly text: string;
}

/** What stands at a place but is no JSON. */
export interface PlacedFault {
  readonly at: string;
  readonly fault: string;
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Index just behind the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

/**
 * Texts of the elements of a valid JSON array. Parsing and writing them again would round large numbers and so change
 * what a source said.
 */
export function elementTexts(array: string): readonly string[] {
  const elements: string[] = [];
  const first = array.indexOf('[') + 1;
  const last = array.lastIndexOf(']');
  let depth = 0;
  let start = first;
  for (let index = first; index < last; index++) {
    const character = array[index];
    if (character === '"') index = endOfString(array, index) - 1;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      elements.push(array.slice(start, index).trim());
      start = index + 1;
    }
  }
  const rest = array.slice(start, last).trim();
  return rest === '' ? elements : [...elements, rest];
}

function isArray(text: string): boolean {
  return text.trimStart().startsWith('[');
}

function placed(text: string, at: string): readonly (PlacedValue | PlacedFault)[] {
  const fault = faultOf(text);
  if (fault !== undefined) return [{ at, fault }];
  if (!isArray(text)) return [{ at, text }];
  return elementTexts(text).map((element, index) => ({ at: `${at}, element ${index}`, text: element }));
}

/**
 * Messages of a file: one JSON value, an array of them, or one value a line (NDJSON). A line that is no JSON is a fault
 * of its own, and the lines after it are read.
 */
export function jsonValues(content: string): readonly (PlacedValue | PlacedFault)[] {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content;
  if (text.trim() === '') return [];
  const whole = faultOf(text);
  if (whole === undefined)
    return isArray(text)
      ? elementTexts(text).map((element, index) => ({ at: `element ${index}`, text: element }))
      : [{ at: 'line 1', text: text.trim() }];
  const lines = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [{ at: `line ${index + 1}`, text: line.trim() }]));
  // a document over many lines that is broken has hardly a line that stands for itself
  if (!lines.some((line) => /^[[{]/.test(line.text) && faultOf(line.text) === undefined))
    return [{ at: 'file', fault: whole }];
  return lines.flatMap((line) => placed(line.text, line.at));
}
import { messageOf } from '../channels/base/thrown.ts';
