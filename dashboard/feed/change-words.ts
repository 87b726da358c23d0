import { type Json, recordOf, textOf } from '../ui/json.ts';
import type { AnyChange } from './feed-event.ts';

const maxShown = 80;
/** Members that are lists of elements, with the name of one. */
const elements: Readonly<Record<string, string>> = {
  owners: 'owner',
  terms: 'term',
  classifications: 'classification',
  columns: 'column',
  quality: 'check',
  properties: 'property',
  aliases: 'alias',
};

/** What somebody would call an element of a list, or what people say of a value. */
function nameOf(value: Json): string {
  const { id, scheme, name, check, status, key, state, by, value: word } = recordOf(value);
  if (word !== undefined && by !== undefined && key === undefined) return textOf(word) || 'none';
  if (typeof scheme === 'string')
    return `${scheme}/${textOf(name)}${state === 'confirmed' ? '' : ` (${textOf(state)})`}`;
  if (typeof check === 'string') return `${check} ${textOf(status)}`;
  return textOf(id) || textOf(name) || textOf(key);
}

function short(value: Json): string {
  const text = typeof value === 'string' ? value : value === null ? 'nothing' : nameOf(value) || JSON.stringify(value);
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

function partsOf(pointer: string): readonly string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The path in words, without the opaque keys of elements, which say nothing to people. */
function subjectOf(parts: readonly string[]): string {
  const words: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? '';
    const element = elements[part];
    const isElement = element !== undefined && at + 1 < parts.length;
    words.push(isElement ? element : part);
    if (isElement) at += 1;
  }
  return words.join(' ');
}

/** One difference in words: what it is of, and from what to what as far as it is known. */
export function changeWords(pointer: string, { old, new: now }: AnyChange): string {
  const what = subjectOf(partsOf(pointer));
  if (old === undefined && now === undefined) return `${what} changed`;
  const [was, is] = [recordOf(old), recordOf(now)];
  if (was['by'] !== undefined && was['value'] === is['value'] && was['source'] !== is['source'])
    return `${what.replace('curated ', '')} of the source: ${short(was['source'] ?? null)} → ${short(is['source'] ?? null)}`;
  if (old === undefined) return `${what} added: ${short(now ?? null)}`;
  if (now === undefined) return `${what} removed: ${short(old)}`;
  return `${what}: ${short(old)} → ${short(now)}`;
}
