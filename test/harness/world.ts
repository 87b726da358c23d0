import { forms } from '../../channels/forms/forms.ts';
import { sampleAsset } from '../../adapters/contract/samples.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import { diffContent } from '../../channels/catalog/diff.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { partitionOf } from '../../channels/ports/event-log.ts';
import type { MemoryEventJournal } from './memory-event-journal.ts';
import type { MemoryEventLog } from './memory-event-log.ts';
import type { MemoryDocuments } from './test-node.ts';

export interface WorldOptions {
  readonly log: MemoryEventLog;
  readonly journal: MemoryEventJournal;
  readonly documents: MemoryDocuments;
}

/** A small catalog that changes: documents first, then the log, then, when a test says so, the journal. */
export class World {
  /** Every event in the order of acceptance. */
  readonly events: HubEvent[] = [];
  readonly #options: WorldOptions;
  readonly #journalled: number[];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#journalled = Array.from({ length: options.log.partitionCount }, () => 0);
  }

  /** Gives an asset other fields; `deleted` and back continue its versions. Large events do not carry their document. */
  async change(name: string, fields: Partial<AssetDocument>, form: 'small' | 'large' = 'small'): Promise<HubEvent> {
    const { log, documents } = this.#options;
    const urn = `urn:${name}`;
    const before = documents.documents.get(`acme|${urn}`) as AssetDocument | undefined;
    const version = (before?.version ?? 0) + 1;
    const { head: _head, ...held } = before ?? sampleAsset('acme', urn, { name });
    const after = sampleAsset('acme', urn, { ...held, description: `v${version}`, ...fields, version });
    const isGone = after.status === 'deleted';
    const wasGone = before === undefined || before.status === 'deleted';
    log.nowMs += 1;
    const event: HubEvent = {
      v: forms.event.writes,
      specversion: '1.0',
      id: `${urn}/${version}`,
      source: '/test',
      type: 'gov.asset.updated.v1',
      subject: urn,
      time: new Date(log.nowMs).toISOString(),
      datacontenttype: 'application/json',
      partitionkey: `acme|${urn}`,
      recordedtime: new Date(log.nowMs).toISOString(),
      tenant: 'acme',
      authtype: 'unknown',
      data: {
        version,
        change: {
          facets: [],
          kind: 'changed',
          completeness: 'state',
          replay: false,
          late: false,
          ops: diffContent(before ?? { ...after, description: '' }, after, encodeURIComponent),
        },
        heads: { before: wasGone ? null : before.head, after: isGone ? null : after.head },
        ...(form === 'small' ? { after } : {}),
        origin: { system: 'test', transport: 'kafka' },
      },
    };
    documents.put(after);
    this.events.push(event);
    await log.append([event]);
    return event;
  }

  /** Writes into the journal what the log has and it has not. */
  async journal(): Promise<void> {
    const { log, journal } = this.#options;
    for (const [partition, to] of (await log.ends()).entries()) {
      const from = this.#journalled[partition] ?? 0;
      const records = log.appends
        .flat()
        .filter((event) => partitionOf(event.tenant, event.subject, log.partitionCount) === partition)
        .map((event, offset) => ({
          partition,
          offset,
          appendedAtMs: Date.parse(event.recordedtime),
          event,
          text: JSON.stringify(event),
        }))
        .slice(from, to);
      await journal.write([{ epoch: log.epoch, partition, from, to, records }]);
      this.#journalled[partition] = to;
    }
  }
}
