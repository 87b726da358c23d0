import { readOrReport } from '../forms/read-or-report.ts';
import type { OnDamaged } from '../ports/damaged-record.ts';
import { outboxId, type OutboxRow } from '../ports/outbox.ts';
import { parsedEventOf } from './event-text.ts';
import type { HubEvent } from './hub-event.ts';

/** A row as it is stored: `text` is JSON of the event. */
export interface OutboxText {
  readonly id: string;
  readonly text: string;
}

/** Key of the entity in the id of a row. */
export function entityOfRow(id: string): string {
  return id.slice(0, id.lastIndexOf('|'));
}

function eventOf({ id, text }: OutboxText): HubEvent | undefined {
  const event = parsedEventOf(text);
  return event === undefined || outboxId(event) !== id ? undefined : event;
}

/**
 * Rows that can be published, of rows in version order within each entity. One that cannot be read is reported, and with
 * the later ones of its entity it stays in the outbox: published without it they would hide that a change is missing.
 * @throws NewerForm
 */
export function outboxRowsOf(stored: readonly OutboxText[], onDamaged: OnDamaged): readonly OutboxRow[] {
  const held = new Set<string>();
  return stored.flatMap((row): OutboxRow[] => {
    const { id } = row;
    if (held.has(entityOfRow(id))) return [];
    const event = readOrReport({ kind: 'outbox', id }, () => eventOf(row), onDamaged);
    if (event !== undefined) return [{ id, event }];
    held.add(entityOfRow(id));
    return [];
  });
}
