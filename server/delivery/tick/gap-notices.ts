import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { LogGap } from '../../../channels/ports/event-log.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { packetText } from '../../transport/packet.ts';

export interface GapNoticesOptions {
  readonly metrics: Pick<Metrics, 'logGaps'>;
  readonly logger: Logger;
  /** Called where events are missing. */
  readonly onLost: () => void;
  readonly publishAll: (packet: string) => void;
  /** To all sessions of one tenant. */
  readonly publishTo: (tenant: string, packet: string) => void;
}

/** Notifies clients that events are missing, and logs and counts it. */
export class GapNotices {
  readonly #options: GapNoticesOptions;

  constructor(options: GapNoticesOptions) {
    this.#options = options;
  }

  /** The log lacks records. */
  ofLog(gap: LogGap): void {
    this.#options.logger.error({ gap }, 'log records are missing; a gap is reported to clients');
    this.#send('events were lost in the log; your data may be out of date');
  }

  /** The log was lost as a whole, and continues in another epoch. */
  ofEpoch(): void {
    this.#send('the log was lost and recreated; your data may be out of date');
  }

  /** One event cannot be sent. */
  ofEvent(event: HubEvent, error: unknown): void {
    this.#options.logger.error({ error, event: event.id }, 'an event could not be sent; a gap is reported to clients');
    this.#send('an event could not be sent; your data may be out of date', new Set([event.tenant]));
  }

  /** A part of the log cannot be sent. `records`: how many, of any kind. */
  ofPortion(events: readonly HubEvent[], records: number, error: unknown): void {
    this.#options.logger.error({ error, records }, 'a batch of the log could not be sent');
    const tenants = new Set(events.map(({ tenant }) => tenant));
    this.#send('events could not be sent; your data may be out of date', tenants);
  }

  /** `tenants`: of the events that are missing; undefined where nobody knows what they were. */
  #send(message: string, tenants?: ReadonlySet<string>): void {
    const { metrics, onLost, publishAll, publishTo } = this.#options;
    metrics.logGaps.inc();
    onLost();
    const packet = packetText('notice', { code: 'gap', message });
    if (tenants === undefined) return publishAll(packet);
    for (const tenant of tenants) publishTo(tenant, packet);
  }
}
