import type { StreamFormat } from './stream-format.ts';

/**
 * Longest id that a browser can send back: it comes as the header Last-Event-ID, for which proxies have 4 or 8 KiB. That of
 * a log with 200 partitions fits.
 */
const maxIdCharacters = 3584;

function block(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

/** The kind of a wire event. It is not parsed: a quote within a value has a backslash before it, so this is the member. */
function kindOf(text: string): string {
  const start = text.indexOf('"kind":"') + 8;
  return text.slice(start, text.indexOf('"', start));
}

/** Adds a member at the start of a JSON object that has others. `room` is a name that the hub gave: there is nothing to escape in it. */
function inRoom(room: string, text: string): string {
  return `{"room":"${room}",${text.slice(1)}`;
}

/**
 * Server-sent events: what a page reads with EventSource. `namesRooms`: of several subscriptions, so that each event says
 * which it is for. JSON has no line breaks, so each message is one line of data.
 */
export function sseFormat(namesRooms: boolean): StreamFormat {
  const data = (room: string, text: string): string => (namesRooms ? inRoom(room, text) : text);
  return {
    contentType: 'text/event-stream',
    events: (room, texts) => texts.map((text) => block(kindOf(text), data(room, text))).join(''),
    snapshot: (room, { id, page, items, last }) =>
      block('snapshot', data(room, `{"id":"${id}","page":${page},"items":[${items.join(',')}],"last":${last}}`)),
    message: (event, payload) => block(event, JSON.stringify(payload)),
    // without data: browsers keep the id and call no listener
    position: (position) =>
      position.length <= maxIdCharacters
        ? `id: ${position}\n\n`
        : block('position', JSON.stringify({ lastEventId: position })),
    retry: (afterMs) => `retry: ${Math.ceil(afterMs)}\n\n`,
    heartbeat: ':\n\n',
  };
}

/** Of one subscription. */
export const plainSse = sseFormat(false);
/** Of several. */
export const roomySse = sseFormat(true);
