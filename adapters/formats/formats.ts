import type { MessageFormat } from '../../channels/ports/message-format.ts';
import { type AtlasFormatOptions, createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';

export interface FormatOptions {
  readonly atlas?: AtlasFormatOptions;
}

/** All native formats by their names in the configuration. */
export function createFormats(options: FormatOptions = {}): Readonly<Record<MessageFormat['name'], MessageFormat>> {
  return { atlas: createAtlasFormat(options.atlas), cloudevents: createCloudEventsFormat() };
}
