import { documentKey } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Coverage } from '../../channels/ports/event-journal.ts';
import type { EmbeddedEnvironment, Table } from './embedded-environment.ts';

/** Where the newest event of an entity stands. */
export interface NewestEvent {
  readonly partition: number;
  readonly offset: number;
  readonly version: number;
}

/** The tables of the journal. The events themselves are the records of the log. */
export interface JournalTables {
  /** `partition|offset of the first record` -> terms of a run of records, see term-block.ts */
  readonly blocks: Table<Buffer>;
  /** `tenant|urn` */
  readonly entities: Table<NewestEvent>;
  /** `partition` */
  readonly coverage: Table<Coverage>;
}

export function openJournalTables(environment: EmbeddedEnvironment): JournalTables {
  return {
    blocks: environment.table('journal-blocks', { encoding: 'binary' }),
    entities: environment.table('journal-entities', { encoding: 'json' }),
    coverage: environment.table('journal-coverage', { encoding: 'json' }),
  };
}

export function entityKey({ tenant, subject }: HubEvent): string {
  return documentKey(tenant, subject);
}
