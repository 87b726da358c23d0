import type { HubEvent } from '../event/hub-event.ts';
import { isJsonList, isJsonObject, type JsonValue } from '../event/json.ts';
import { tokensOf } from './words.ts';

/** Words that changes took away or brought, and whether these are all. */
export interface EventWords {
  readonly removed: ReadonlySet<string>;
  readonly added: ReadonlySet<string>;
  /** False where an event does not say what changed: it was too large for that. */
  readonly isComplete: boolean;
  /** Of the texts that were taken away, in UTF-16 units: so much more the document may have had. */
  readonly removedLength: number;
}

/** The words of two changes, one after the other. */
export function bothWords(one: EventWords, other: EventWords): EventWords {
  return {
    removed: new Set([...one.removed, ...other.removed]),
    added: new Set([...one.added, ...other.added]),
    isComplete: one.isComplete && other.isComplete,
    removedLength: one.removedLength + other.removedLength,
  };
}

function addWords(text: string, words: Set<string>): void {
  for (const { word, parts } of tokensOf(text)) {
    words.add(word);
    for (const part of parts) words.add(part.word);
  }
}

function addValue(value: JsonValue | undefined, words: Set<string>): void {
  if (typeof value === 'string') addWords(value, words);
  else if (typeof value === 'number') addWords(String(value), words);
  else if (isJsonList(value)) for (const each of value) addValue(each, words);
  else if (isJsonObject(value)) for (const each of Object.values(value)) addValue(each, words);
}

function wordsIn(value: JsonValue | undefined): ReadonlySet<string> {
  const words = new Set<string>();
  addValue(value, words);
  return words;
}

/**
 * The words of all that an event changed, in whatever member they stand: at least those that `changedWords` finds between
 * the documents before and after it, which need not be known. Of an entity that comes or goes everything else changes, too.
 */
export function eventWords({ data: { change, heads } }: HubEvent): EventWords {
  const [removed, added] = [new Set<string>(), new Set<string>()];
  let [isComplete, removedLength] = [true, 0];
  for (const { op, path, old, new: next } of change.ops) {
    if ((op !== 'add' && old === undefined) || (op !== 'remove' && next === undefined)) isComplete = false;
    removedLength += old === undefined ? 0 : JSON.stringify(old).length;
    const [before, after] = [wordsIn(old), wordsIn(next)];
    // a word in both is where it was; the order of words counts in a name only
    const counts = path === '/name';
    for (const word of before) if (counts || !after.has(word)) removed.add(word);
    for (const word of after) if (counts || !before.has(word)) added.add(word);
  }
  // tags are written by their parts joined with a slash, and what a column has no more another may have
  for (const tag of heads.before?.tags ?? []) if (heads.after?.tags.includes(tag) !== true) addWords(tag, removed);
  for (const tag of heads.after?.tags ?? []) if (heads.before?.tags.includes(tag) !== true) addWords(tag, added);
  return { removed, added, isComplete, removedLength };
}
