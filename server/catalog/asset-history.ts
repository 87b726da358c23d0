import type { AssetDocument } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import { type EventLog, partitionOf } from '../../channels/ports/event-log.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import type { DeliveredVersion } from '../delivery/outlet/outlet.ts';
import { encodePast } from '../delivery/past/room-history.ts';
import { inTurns } from '../turns/in-turns.ts';

export interface AssetHistoryOptions {
  readonly log: Pick<EventLog, 'epoch' | 'partitionCount'>;
  readonly journal: Pick<EventJournal, 'coverage' | 'read'>;
  readonly turns: Turns;
  readonly wireId: (event: HubEvent) => string;
}

export interface HistoryPage {
  /** JSON of events as the wire has them, the newest first. */
  readonly texts: readonly string[];
  readonly delivered: readonly DeliveredVersion[];
  /** Wire id of the last of them, if there are older ones. */
  readonly next: string | undefined;
}

interface HistoryQuery {
  readonly limit: number;
  /** Wire id: only what happened before that event. */
  readonly before: string | undefined;
}

/** Held at once: an event may have 900 KiB. */
const pageRecords = 50;
const maxCharacters = 512 * 1024;

interface Entry extends DeliveredVersion {
  readonly id: string;
  readonly text: string;
}

/** The newest that fit into one page. */
class NewestEntries {
  readonly #limit: number;
  #entries: Entry[] = [];
  #characters = 0;
  /** Some were left out. */
  isCut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#characters += entry.text.length;
    while (this.#entries.length > this.#limit || (this.#characters > maxCharacters && this.#entries.length > 1)) {
      this.#characters -= this.#entries.shift()?.text.length ?? 0;
      this.isCut = true;
    }
  }

  page(): HistoryPage {
    const entries = this.#entries.toReversed();
    return {
      texts: entries.map(({ text }) => text),
      delivered: entries,
      next: this.isCut ? entries.at(-1)?.id : undefined,
    };
  }
}

/**
 * What the journal has of one asset, as somebody with these rights would have been told of it: today's rights judge the
 * heads before and after each event, as everywhere. Of the current epoch of the log.
 * @throws HubError invalid-request, storage-unavailable
 */
export async function assetHistory(
  { log, journal, turns, wireId }: AssetHistoryOptions,
  { tenant, urn }: Pick<AssetDocument, 'tenant' | 'urn'>,
  policyClass: PolicyClass,
  { limit, before }: HistoryQuery,
): Promise<HistoryPage> {
  const { epoch } = log;
  const partition = partitionOf(tenant, urn, log.partitionCount);
  const selection = createSelection('assets', { urn }, { mode: 'events', shape: 'changes' });
  const room = { name: '', selection, policyClass, members: 0, handle: undefined };
  const covered = (await journal.coverage(epoch)).find((each) => each.partition === partition);
  const newest = new NewestEntries(limit);
  let isReached = false;
  for (let from = covered?.low ?? 0; from < (covered?.high ?? 0);) {
    const stretch = { epoch, partition, from, to: covered?.high ?? 0, tenant };
    const records = await journal.read({ ...stretch, terms: [{ field: 'urn', value: urn }], limit: pageRecords });
    await inTurns({ turns, tenant }, records, (record) => {
      const id = wireId(record.event);
      isReached ||= id === before;
      if (isReached) return;
      for (const { text, entity, version } of encodePast({ room, wireId }, [record], new Map()))
        newest.add({ id, text, entity, version });
    });
    const last = records.at(-1);
    if (isReached || last === undefined || records.length < pageRecords) break;
    from = last.offset + 1;
  }
  if (before !== undefined && !isReached)
    throw new HubError('invalid-request', 'before: the journal has no such event of the asset, or not any more');
  return newest.page();
}
