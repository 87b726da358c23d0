import { type StreamFormat, textOf } from './stream-format.ts';

const line = (value: object): string => `${JSON.stringify(value)}\n`;

function noticeLine(payload: object): string {
  return textOf(payload, 'code') === 'gap' ? line({ gap: 'lost' }) : line({ notice: payload });
}

function controlLine(event: string, payload: object): string {
  switch (event) {
    case 'subscribed': {
      const reason = textOf(payload, 'reason');
      return reason === '' ? '' : line({ gap: reason });
    }
    case 'live':
      return line({ live: true });
    case 'stale':
    case 'policy':
      return line({ gap: event });
    case 'notice':
      return noticeLine(payload);
    case 'ended':
      return line({ error: Reflect.get(payload, 'error') });
    default:
      return line({ [event]: payload });
  }
}

/** A wire event on each line, and control lines, which have none of the members of an event. */
export const ndjson: StreamFormat = {
  contentType: 'application/x-ndjson',
  events: (_room, texts) => texts.map((text) => `${text}\n`).join(''),
  snapshot: (_room, { items }) => items.map((text) => `${text}\n`).join(''),
  message: controlLine,
  position: (cursor) => line({ cursor }),
  retry: () => '',
  heartbeat: '',
};

/** When it was accepted. Found, not parsed, as the kind is. */
function recordedTimeOf(text: string): string {
  const start = text.indexOf('"recordedtime":"') + 16;
  return text.slice(start, text.indexOf('"', start));
}

/** Without events that were accepted at `until` or later. A cursor behind those would skip them, so there is none. */
export function ndjsonUntil(until: string): StreamFormat {
  return {
    ...ndjson,
    // both have the one form in which the order of the texts is that of the times
    events: (room, texts) =>
      ndjson.events(
        room,
        texts.filter((text) => recordedTimeOf(text) < until),
      ),
    position: () => '',
  };
}
