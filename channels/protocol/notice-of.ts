import type { NoticeMessage } from './down.ts';
import type { HubError } from './hub-error.ts';

/** An error as it is told before a connection ends. */
export function noticeOf(error: HubError): NoticeMessage {
  const { code, message, retryAfterMs } = error.toWire();
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
