import { assertDeclared, declaredFormsKey } from '../../channels/forms/declared-forms.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { EmbeddedEnvironment, Table } from './embedded-environment.ts';

/** Start (inclusive) and end (exclusive) of the keys that begin with `prefix`, which must end in `|`. */
export function keysUnder(prefix: string): { readonly start: string; readonly end: string } {
  return { start: prefix, end: `${prefix.slice(0, -1)}}` };
}

/**
 * The tables of the catalog. Values are JSON text, so that whatever JSON came in goes out; keys are parts joined by `|`,
 * which no tenant or connector id contains.
 */
export interface CatalogTables {
  /** `tenant|urn`; the entry's version is the document's. Without its head, see index-changes.ts */
  readonly documents: Table<string>;
  /** What documents that are not deleted are found by, see head-index.ts */
  readonly lists: Table<string>;
  /** `tenant|urn|version`; the entry's version is when it was stored. */
  readonly outbox: Table<string>;
  /** `connector|topic|partition` */
  readonly positions: Table<string>;
  /** `connector|id` -> ms when it may be forgotten, as text */
  readonly messages: Table<string>;
  /** `ms|connector|id` -> key in `messages` */
  readonly messageExpiry: Table<string>;
  /** `tenant|id` */
  readonly deadLetters: Table<string>;
  /** `tenant|time|id` -> summary of the letter */
  readonly deadLetterOrder: Table<string>;
  /** id; the entry's version is the partial's. */
  readonly partials: Table<string>;
  /** `time|id` -> id */
  readonly partialOrder: Table<string>;
  /** `tenant|id` */
  readonly revocations: Table<string>;
  readonly meta: Table<string>;
  /** `tenant|id` */
  readonly jobs: Table<string>;
  /** `time|tenant|id` of those that are not ended -> key in `jobs` */
  readonly openJobs: Table<string>;
  /** `tenant|id|series|number` */
  readonly jobParts: Table<string>;
}

/** To be asked before anything is written. @throws NewerForm */
export function assertReadable(environment: EmbeddedEnvironment): void {
  assertDeclared(environment.table<string>('meta', { encoding: 'string' }).get(declaredFormsKey));
}

export function openCatalogTables(environment: EmbeddedEnvironment): CatalogTables {
  const text = { encoding: 'string' } as const;
  const versioned = { encoding: 'string', useVersions: true } as const;
  return {
    documents: environment.table('documents', versioned),
    lists: environment.table('lists', text),
    outbox: environment.table('outbox', versioned),
    positions: environment.table('positions', text),
    messages: environment.table('messages', text),
    messageExpiry: environment.table('message-expiry', text),
    deadLetters: environment.table('dead-letters', text),
    deadLetterOrder: environment.table('dead-letter-order', text),
    partials: environment.table('partials', versioned),
    partialOrder: environment.table('partial-order', text),
    revocations: environment.table('revocations', text),
    meta: environment.table('meta', text),
    jobs: environment.table('jobs', text),
    openJobs: environment.table('open-jobs', text),
    jobParts: environment.table('job-parts', text),
  };
}

/** A key that LMDB can hold. @throws limit-exceeded, naming what is too long */
export function checkedKey(what: string, key: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three bytes: most keys need no counting.
  if (key.length * 3 <= maxBytes || Buffer.byteLength(key) <= maxBytes) return key;
  throw new HubError(
    'limit-exceeded',
    `${what} is longer than ${maxBytes} bytes, which embedded storage cannot hold; shorten it or use cluster mode`,
  );
}
