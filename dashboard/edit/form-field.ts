/** One field of a form. */
export interface FormField {
  readonly field: string;
  readonly title: string;
  readonly as: 'line' | 'text' | 'list' | 'choice';
  /** Of a choice. */
  readonly choices?: readonly string[];
  /** What one must be allowed to write. */
  readonly right: string;
}

/** The fields that somebody may write. */
export function writable(fields: readonly FormField[], rights: ReadonlySet<string>): readonly FormField[] {
  return fields.filter(({ right }) => rights.has(right));
}
