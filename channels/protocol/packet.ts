import type { DownEvents, NoticeMessage } from './down.ts';
import type { HubError } from './hub-error.ts';

/** An event as the text of a packet of Socket.IO: encoded once, for as many sockets as get it. */
export function packetText<Name extends keyof DownEvents>(
  event: Name,
  payload: Parameters<DownEvents[Name]>[0],
): string {
  return `2${JSON.stringify([event, payload])}`;
}

/** An error as it is told before a connection ends. */
export function noticeOf(error: HubError): NoticeMessage {
  const { code, message, retryAfterMs } = error.toWire();
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
