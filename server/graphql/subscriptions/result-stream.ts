import { isErrorCode } from '../../../channels/protocol/error-code.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { blocksIn, type SseBlock } from './sse-blocks.ts';
import { TranslatedStream, type TranslationOptions } from './translated-stream.ts';

function nextBlock(result: string): string {
  return `event: next\ndata: ${result}\n\n`;
}

const complete = 'event: complete\ndata:\n\n';

function objectIn(data: string): Readonly<Record<string, unknown>> {
  const value: unknown = data === '' ? {} : JSON.parse(data);
  return isJsonObject(value) ? value : {};
}

/** What the client has to know is an error without data: that it has missed something, or why there is no more. */
function errorBlock(message: string, extensions: object): string {
  return nextBlock(JSON.stringify({ errors: [{ message, extensions }], data: null }));
}

function translated({ event, data, text }: SseBlock, resultOf: (event: string) => string): string {
  switch (event) {
    case 'enter':
    case 'update':
    case 'leave':
      return nextBlock(resultOf(data));
    case '':
      return text;
    case 'subscribed': {
      const { recovered, reason } = objectIn(data);
      return recovered === true || reason === undefined ? '' : errorBlock('events may be missing', { reason });
    }
    case 'stale':
      return errorBlock('events may be missing', objectIn(data));
    case 'ended': {
      const { error } = objectIn(data);
      const { message, ...extensions } = isJsonObject(error) ? error : objectIn(data);
      return errorBlock(typeof message === 'string' ? message : 'the subscription has ended', extensions) + complete;
    }
    case 'notice': {
      const { message, ...extensions } = objectIn(data);
      return isFinal(extensions['code']) ? errorBlock(String(message), extensions) + complete : '';
    }
    default:
      return '';
  }
}

/** There will be no more with this token. Others come back by themselves. */
function isFinal(code: unknown): boolean {
  return code === 'token-expired' || code === 'token-revoked' || code === 'disconnected';
}

/** Of a stream that would have been told to come back later. */
function refusalIn(body: string): HubError {
  const block = blocksIn(body).find(({ event }) => event === 'refused');
  const { code: said, message, retryAfterMs } = objectIn(block?.data ?? '');
  const code = String(said);
  return new HubError(
    isErrorCode(code) ? code : 'not-ready',
    typeof message === 'string' ? message : 'retry in a moment',
    {
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    },
  );
}

/** A selection is run for each event: the time for that is shared among tenants. */
export interface ResultStreamOptions extends Omit<TranslationOptions, 'translate'> {
  readonly resultOf: (event: string) => string;
}

/**
 * A stream of the hub as one of results, in the protocol of GraphQL over server-sent events ("distinct connections"). Blocks
 * without event stay: the `id` with which a client that sends it back misses nothing. @throws HubError if there is no stream
 */
export function resultStream(response: HttpResponse, { resultOf, ...options }: ResultStreamOptions): HttpResponse {
  const { body } = response;
  if (typeof body !== 'function') throw refusalIn(typeof body === 'string' ? body : '');
  const translate = (block: SseBlock): string => translated(block, resultOf);
  return { ...response, body: (stream) => body(new TranslatedStream(stream, { ...options, translate })) };
}
