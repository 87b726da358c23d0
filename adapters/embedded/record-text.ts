import { withForm, withoutForm } from '../../channels/forms/form-of.ts';
import type { DeadLetter, DeadLetterSummary } from '../../channels/ports/dead-letter-store.ts';
import type { PartialMessage, SourcePosition } from '../../channels/ports/intake-store.ts';

interface Records {
  readonly deadLetter: DeadLetter | DeadLetterSummary;
  readonly partial: PartialMessage;
  readonly position: SourcePosition;
}

/** JSON of a record, which says its form. */
export function recordText<Kind extends keyof Records>(kind: Kind, record: Records[Kind]): string {
  return JSON.stringify(withForm(kind, record));
}

/** The record of such a text. @throws NewerForm */
export function recordOf<T extends Records[keyof Records]>(kind: keyof Records, text: string): T {
  return withoutForm<object>(kind, JSON.parse(text)) as T;
}
