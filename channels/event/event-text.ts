import type { HubEvent } from './hub-event.ts';
import { parseEvent } from './parse-event.ts';

const texts = new WeakMap<HubEvent, string>();

/**
 * The event as JSON text, made once for each event object: it is measured, goes to the outbox and goes to the log.
 * Events never change, so neither does their text.
 */
export function eventText(event: HubEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify(event);
  texts.set(event, text);
  return text;
}

/** The event of a text that `eventText` made; undefined for another text. @throws NewerForm */
export function parsedEventOf(text: string): HubEvent | undefined {
  const event = parseEvent(text);
  if (event !== undefined) texts.set(event, text);
  return event;
}
