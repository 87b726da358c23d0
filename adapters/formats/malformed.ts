import { malformedAtlasMessages } from './atlas/malformed.ts';
import { malformedEvents } from './cloudevents/malformed.ts';
import type { MalformedMessage } from './malformed-message.ts';

/** What no format may take in, and no consumer may stop at. */
export const malformedMessages: readonly MalformedMessage[] = [...malformedAtlasMessages, ...malformedEvents];
