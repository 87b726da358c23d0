import type { Clock } from '../../channels/ports/clock.ts';
import type { MessageFormat } from '../../channels/ports/message-format.ts';
import { type AtlasFormatOptions, createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';

export interface FormatOptions {
  /** Gives the messages of HTTP bodies their time. @default the system clock */
  readonly clock?: Clock;
  readonly atlas?: Omit<AtlasFormatOptions, 'clock'>;
}

/** All native formats by their names in the configuration. */
export function createFormats({ clock, atlas }: FormatOptions = {}): Readonly<
  Record<MessageFormat['name'], MessageFormat>
> {
  const timed = clock === undefined ? {} : { clock };
  return { atlas: createAtlasFormat({ ...atlas, ...timed }), cloudevents: createCloudEventsFormat(timed) };
}
