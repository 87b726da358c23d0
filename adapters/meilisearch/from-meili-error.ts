import { MeilisearchRequestError } from 'meilisearch';
import type { z } from 'zod';
import { messageOf } from '../../channels/base/thrown.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { MeiliFault } from './meili-http.ts';

/** What the server said; undefined where it said nothing. */
export function faultOf(thrown: unknown): MeiliFault | undefined {
  // the client wraps what its HTTP client throws
  const cause = thrown instanceof MeilisearchRequestError ? thrown.cause : thrown;
  return cause instanceof MeiliFault ? cause : undefined;
}

function reasonOf(thrown: unknown): string {
  const fault = faultOf(thrown);
  if (fault?.status === 401 || fault?.status === 403)
    return `it refuses the key in PURSIGHT_MEILI_KEY (${fault.message})`;
  if (fault !== undefined) return fault.message;
  return messageOf(thrown instanceof MeilisearchRequestError ? (thrown.cause ?? thrown) : thrown);
}

/** Requests that it does not understand are faults of this adapter; all else is a server that cannot do its work now. */
export function fromMeiliError(thrown: unknown): unknown {
  if (thrown instanceof HubError) return thrown;
  const fault = faultOf(thrown);
  if (fault?.code?.startsWith('invalid_search_') === true)
    return unavailable(
      `${fault.message} If its settings were changed by hand, \`pursight search verify\` restores them`,
      thrown,
    );
  if (fault?.status === 400 || fault?.status === 413)
    return new HubError('internal', 'internal fault', {
      cause: thrown,
      operatorMessage: `Meilisearch: ${fault.message}`,
    });
  return unavailable(reasonOf(thrown), thrown);
}

/** An answer as it has to be. @throws HubError storage-unavailable where it is something else */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(answer);
  if (!success) throw unavailable('an answer cannot be read; is this address that of Meilisearch?', error);
  return data;
}

/** The server does not do what it should be able to do. */
export function unavailable(reason: string, cause?: unknown): HubError {
  return new HubError('storage-unavailable', 'search cannot be reached; everything else goes on, retry later', {
    cause,
    operatorMessage: `Meilisearch: ${reason}; searches fail until it is back, and the index then goes on where it was`,
  });
}
