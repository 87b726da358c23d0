/**
 * Every kind of record that is stored or logged, with the newest version of its form that this release reads, and the one
 * that it writes. A record has its version in `v`; one without is version 1. The version is raised when the previous release
 * would misread the record.
 *
 * Two adjacent releases run side by side during an update, so a version is read one release before it is written: first
 * raise `reads`, and with the next release `writes`. See docs/operating.md, Updating.
 */
export const forms = {
  /**
   * An event in the log, the outbox and the journal; `tenant`, `subject`, `id` and `recordedtime` stay in every form.
   * 2: opaque keys in the paths of ops, `confirmedTags` in heads. 3: of terms, domains and teams; other events stay in 2, see
   * written-form.ts.
   */
  event: { reads: 3, writes: 3 },
  /**
   * 2: `confirmedTags` in the head. 3: what people say (`curated`), which older releases would drop with the next message.
   * 4: terms, domains and teams; other documents stay in 3, see written-form.ts.
   */
  document: { reads: 4, writes: 4 },
  deadLetter: { reads: 1, writes: 1 },
  position: { reads: 1, writes: 1 },
  /** The received parts of a split message. */
  partial: { reads: 1, writes: 1 },
  /** An import or export; its parts are in the form of it. */
  job: { reads: 1, writes: 1 },
  epoch: { reads: 1, writes: 1 },
  /** Tables or collections of the catalog, their keys and indexes. */
  catalog: { reads: 1, writes: 1 },
  /** The same of log and journal. */
  journal: { reads: 1, writes: 1 },
  /** Clients hold it; its first byte says it. */
  cursor: { reads: 1, writes: 1 },
} as const satisfies Readonly<Record<string, { readonly reads: number; readonly writes: number }>>;

/** A kind of record that has a form of its own: a name in {@link forms}. */
export type RecordKind = keyof typeof forms;
