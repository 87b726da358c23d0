import { normalText } from '../event/normal-text.ts';
import { HubError } from '../protocol/hub-error.ts';
import { keyOfWords } from './document-words.ts';
import { type Pattern, typoBudget } from './typos.ts';
import { finestWords, maxWordLength, tokensOf } from './words.ts';

/**
 * Which words a document must have. `all`: each. `last`: at least the first; where too few documents have all, words are
 * given up from the end, and documents with more words come first.
 */
export type MatchStrategy = 'all' | 'last';

/**
 * One to three neighbouring words as one pattern: `data base` finds `database`. `halves` are the ways to split a single
 * word: `database` finds `data base`.
 */
export interface Segment extends Pattern {
  /** Number of its first word. */
  readonly from: number;
  readonly length: number;
  readonly halves: readonly (readonly [string, string])[];
}

/** What was typed, as matcher and ranker read it. */
export interface SearchWords {
  readonly strategy: MatchStrategy;
  /** So many words are asked for; none matches every document. */
  readonly count: number;
  readonly segments: readonly Segment[];
  /** No document with one of these matches. */
  readonly not: readonly string[];
  /** The words, as the name of a document has them. */
  readonly nameKey: string;
  /** The last may be the beginning of a word. */
  readonly isOpen: boolean;
  /** Equal for searches that mean the same. */
  readonly key: string;
}

/** Bounds of what is typed: with them the cost of a search is known in advance. */
export const searchLimits = { maxLength: 512, maxWords: 10, maxJoined: 3 } as const;

interface Term {
  readonly word: string;
  readonly isQuoted: boolean;
  readonly isPrefix: boolean;
}

function invalid(problem: string): HubError {
  return new HubError('invalid-request', `q: ${problem}`);
}

/** @throws HubError invalid-request */
function excluded(chunk: string): readonly string[] {
  if (chunk.startsWith('"')) throw invalid('words in quotes cannot be excluded; write - before each word');
  const tokens = tokensOf(chunk);
  if (tokens.length > 1) throw invalid('a "-" excludes one word; write - before each word');
  return tokens.map(({ word }) => word);
}

function quoted(chunk: string): readonly Term[] {
  return finestWords(chunk).map((word) => ({ word, isQuoted: true, isPrefix: false }));
}

/** `isOpen`: nothing follows, so its last word may not be finished yet. */
function typed(chunk: string, isOpen: boolean): readonly Term[] {
  const words = finestWords(chunk);
  const endsInWord = isOpen && tokensOf(chunk).at(-1)?.end === chunk.length;
  return words.map((word, index) => ({ word, isQuoted: false, isPrefix: endsInWord && index === words.length - 1 }));
}

const chunks = /(-?)"([^"]*)"|\S+/g;

function chunksOf(text: string): { readonly terms: readonly Term[]; readonly not: readonly string[] } {
  const terms: Term[] = [];
  const not: string[] = [];
  for (const match of text.matchAll(chunks)) {
    const { 0: chunk, 2: inQuotes, index } = match;
    if (chunk.startsWith('-')) not.push(...excluded(chunk.slice(1)));
    else if (inQuotes !== undefined) terms.push(...quoted(inQuotes));
    else terms.push(...typed(chunk, index + chunk.length === text.length));
  }
  return { terms, not: [...new Set(not)].toSorted() };
}

function halvesOf(word: string): readonly (readonly [string, string])[] {
  return Array.from({ length: word.length - 1 }, (_, index) => [word.slice(0, index + 1), word.slice(index + 1)]);
}

function segmentOf(terms: readonly Term[], from: number, length: number): Segment | undefined {
  const joined = terms.slice(from, from + length);
  const word = joined.map((term) => term.word).join('');
  const isQuoted = joined.some((term) => term.isQuoted);
  if (length > 1 && (isQuoted || joined.length < length || word.length > maxWordLength)) return undefined;
  // each join is a typo by itself
  const budget = isQuoted ? 0 : Math.max(0, typoBudget(word) - (length - 1));
  return {
    ...{ word, from, length, isPrefix: joined.at(-1)?.isPrefix === true },
    budget: budget === 2 ? 2 : budget === 1 ? 1 : 0,
    halves: length === 1 && budget > 0 ? halvesOf(word) : [],
  };
}

function segmentsOf(terms: readonly Term[]): readonly Segment[] {
  const lengths = Array.from({ length: searchLimits.maxJoined }, (_, index) => index + 1);
  return terms.flatMap((_, from) => lengths.flatMap((length) => segmentOf(terms, from, length) ?? []));
}

/**
 * Reads what somebody typed. The last word is taken for the beginning of one while nothing follows it; words in quotes are
 * matched as written, without typos; a word after `-` excludes the documents that have it.
 * @throws HubError invalid-request
 */
export function parseSearchWords(raw: string, strategy: MatchStrategy): SearchWords {
  if (raw.length > searchLimits.maxLength) throw invalid(`must have at most ${searchLimits.maxLength} characters`);
  const { terms, not } = chunksOf(normalText(raw));
  if (terms.length + not.length > searchLimits.maxWords)
    throw invalid(`must have at most ${searchLimits.maxWords} words; "customerOrders" counts as two`);
  return {
    strategy,
    count: terms.length,
    segments: segmentsOf(terms),
    not,
    nameKey: keyOfWords(terms.map(({ word }) => word)),
    isOpen: terms.at(-1)?.isPrefix === true,
    key: JSON.stringify([strategy, terms.map(({ word, isQuoted, isPrefix }) => [word, isQuoted, isPrefix]), not]),
  };
}
