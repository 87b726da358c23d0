import type { HubEvent } from './hub-event.ts';
import { readEvent } from './upgrade-event.ts';

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

/** The event of a text that `eventText` made. */
export function eventOfText(text: string): HubEvent {
  const event = readEvent(text);
  texts.set(event, text);
  return event;
}
