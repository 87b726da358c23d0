import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { ControlTopic } from '../../channels/ports/control-topic.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { ConnectorConfig } from '../config/hub-file.ts';
import type { Settings } from '../config/settings.ts';

/** The implementations that one hub runs on; main.ts chooses them. */
export interface HubAdapters {
  readonly mode: 'embedded' | 'cluster';
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly bus: ControlBus;
  readonly control: ControlTopic;
  readonly search: SearchIndex;
  /** Undefined when the connector has no topic or the hub no Kafka for it. */
  readonly sourceOf: (connector: ConnectorConfig) => ConnectorSource | undefined;
  /** Bytes of the resident memory that are pages of a data file; the system takes them back when it needs them. */
  readonly mappedBytes: () => number;
  /** Closes store, log, journal, bus, control topic and search index. */
  readonly close: () => Promise<void>;
}

/** Opens the implementations for a mode. @throws NewerForm before anything is written; HubError config-invalid, storage-locked, storage-damaged, storage-unavailable, log-mismatch */
export type OpenAdapters = (options: {
  readonly mode: HubAdapters['mode'];
  readonly settings: Settings;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly turns: Turns;
  /** Hears of faults that an adapter survived. */
  readonly onFault: (part: string, error: Error) => void;
  /** Called with a driver's messages about its retries, most of which succeed. */
  readonly onNote: (part: string, message: string) => void;
  readonly onDamaged: OnDamaged;
  /** A newer release writes here: the node has to stop. May be called more than once. */
  readonly onNewer: (error: NewerForm) => void;
}) => Promise<HubAdapters>;
