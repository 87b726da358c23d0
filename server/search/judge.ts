import { documentKey, isGone } from '../../channels/catalog/document.ts';
import type { WithoutHead } from '../../channels/catalog/head-of.ts';
import type { Head } from '../../channels/event/head.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { openRequirement, readableBits, type Requirement } from '../../channels/search/attributes.ts';
import { type DocumentTexts, textsOf } from '../../channels/search/document-texts.ts';
import { type DocumentWords, type ReadText, readTexts, wordsIn } from '../../channels/search/document-words.ts';
import { Highlighter } from '../../channels/search/highlight.ts';
import { Matcher } from '../../channels/search/match.ts';
import { orderNumber, type Rank, sortValue } from '../../channels/search/rank.ts';
import type { SearchRequest } from '../../channels/search/search-request.ts';
import { type Mask, maskOf } from '../../channels/wire/mask.ts';
import { wireHead } from '../../channels/wire/wire-document.ts';
import type { DeliveredVersion } from '../delivery/outlet/outlet.ts';

/** The rules that a class is exempt from, as the index numbers them. No policy hides part of a document yet. */
export function requirementsOf(_policyClass: PolicyClass): readonly Requirement[] {
  return [openRequirement];
}

/** A document as one mask shows it; what is read of it is made with the first who asks. */
export class Sight {
  readonly document: WithoutHead;
  readonly rawHead: Head;
  readonly #mask: Mask;
  #head: Head | undefined;
  #texts: DocumentTexts | undefined;
  #words: DocumentWords | undefined;
  #read: readonly ReadText[] | undefined;

  constructor(document: WithoutHead, rawHead: Head, mask: Mask) {
    this.document = document;
    this.rawHead = rawHead;
    this.#mask = mask;
  }

  get head(): Head {
    return (this.#head ??= this.#mask.head(this.rawHead));
  }

  get texts(): DocumentTexts {
    return (this.#texts ??= textsOf(this.#mask.document(this.document), this.head));
  }

  get read(): readonly ReadText[] {
    return (this.#read ??= readTexts(this.texts.texts));
  }

  get words(): DocumentWords {
    return (this.#words ??= wordsIn(this.read));
  }
}

/** One hit as it is sent. */
export interface Shown {
  readonly urn: string;
  readonly version: number;
  readonly rank: Rank;
  /** As the class sees it. */
  readonly head: Head;
  /** JSON of a `SearchHit`. */
  readonly text: string;
}

/** Says whether, where and how documents are in the result of one search for one class. */
export class Judge {
  readonly request: SearchRequest;
  readonly policyClass: PolicyClass;
  readonly mask: Mask;
  readonly #matcher: Matcher;
  /** Without the words that are excluded. */
  readonly #lenient: Matcher;
  readonly #highlighter: Highlighter;

  constructor(request: SearchRequest, policyClass: PolicyClass) {
    this.request = request;
    this.policyClass = policyClass;
    this.mask = maskOf(policyClass);
    // of a masked document everything that is left may be read
    const readable = readableBits(requirementsOf(policyClass));
    this.#matcher = new Matcher(request.words, readable);
    this.#lenient = new Matcher({ ...request.words, not: [] }, readable);
    this.#highlighter = new Highlighter(request.words);
  }

  /** Whether the head passes filter and grants. */
  admits(head: Head): boolean {
    return this.policyClass.mayRead(head) && this.request.selection.matches(this.mask.head(head));
  }

  /** False: no document matches that has some of these words, and no others. */
  mayMatch(words: DocumentWords): boolean {
    return this.#lenient.match(words) !== undefined;
  }

  /** The words match; whether filter and grants admit the document is another matter. */
  matches(words: DocumentWords): boolean {
    return this.#matcher.match(words) !== undefined;
  }

  /** Its place in the result; undefined: it is not in it. */
  rank(sight: Sight): Rank | undefined {
    const { tenant, urn, status } = sight.rawHead;
    if (isGone({ status }) || !this.admits(sight.rawHead)) return undefined;
    const match = this.#matcher.match(sight.words);
    if (match === undefined) return undefined;
    const sort = this.request.sort.map(({ field }) => sortValue(sight.head, field));
    return { ...match, urn, ord: orderNumber(tenant, urn), sort };
  }

  /** Of a document that is in the result, at this place. */
  show(sight: Sight, rank: Rank): Shown {
    const { urn, version } = sight.document;
    const highlights = this.request.highlight ? this.#highlighter.highlights(sight.read) : undefined;
    const text = JSON.stringify({ entity: { urn, ...wireHead(sight.rawHead, this.mask) }, highlights });
    return { urn, version, rank, head: sight.head, text };
  }

  /** undefined: it is not in the result. */
  judge(document: WithoutHead, head: Head): Shown | undefined {
    const sight = new Sight(document, head, this.mask);
    const rank = this.rank(sight);
    return rank === undefined ? undefined : this.show(sight, rank);
  }
}

/** What of the catalog is in a hit. */
export function deliveredOf(tenant: string, { urn, version }: Shown): DeliveredVersion {
  return { entity: documentKey(tenant, urn), version };
}
