import type { Principal } from '../../../channels/policy/principal.ts';
import type { HttpResponse, HttpStream } from '../../transport/http.ts';
import { readerOf } from '../download/stream-drain.ts';

export interface JobStreamOptions {
  /** @throws HubError token-expired, token-revoked */
  readonly assertGood: (principal: Principal) => Promise<void>;
}

/** What is sent of a job, and to whom. */
export interface JobStreamRequest {
  readonly principal: Principal;
  readonly mediaType: string;
  readonly head: string;
  /** Items of one piece after the other, with their line ends. */
  readonly pieces: AsyncIterable<readonly string[]>;
  /** The last line, after so many items; empty where the format has no place for it. */
  readonly end: (count: number) => string;
}

/** Never rejects: a client that does not get the end knows that it does not have everything. */
async function send(
  stream: HttpStream,
  { principal, head, pieces, end }: JobStreamRequest,
  { assertGood }: JobStreamOptions,
): Promise<void> {
  const reader = readerOf(stream);
  let count = 0;
  try {
    stream.write(head);
    for await (const items of pieces) {
      await assertGood(principal);
      stream.write(items.join(''));
      count += items.length;
      await reader.drained();
      if (reader.isGone()) return;
    }
    stream.write(end(count));
    stream.end();
  } catch {
    stream.abort();
  }
}

/** An answer that is read from a job no faster than its client takes it. */
export function jobStream(options: JobStreamOptions, request: JobStreamRequest): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': request.mediaType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    body: (stream) => void send(stream, request, options),
  };
}
