import type { NoticeMessage } from './down.ts';
import type { HubError } from './hub-error.ts';

/** The notice for an error that closes a connection. */
export function noticeOf(error: HubError): NoticeMessage {
  const { code, message, retryAfterMs } = error.toWire();
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
