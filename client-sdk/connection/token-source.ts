import { HubClientError } from '../hub-client-error.ts';

/** A token, or a function that gets one. */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * A token to present now.
 *
 * @throws HubClientError `unreachable` if the function fails (an identity provider that is down comes back), and
 *   `unauthenticated` if it gives something that is not a token
 */
export async function getToken(source: TokenSource): Promise<string> {
  const token = typeof source === 'string' ? source : await callTokenFunction(source);
  if (typeof token === 'string' && token !== '') return token;
  throw new HubClientError('unauthenticated', '`token` must be, or return, a non-empty string', {
    retryable: false,
  });
}

async function callTokenFunction(source: () => string | Promise<string>): Promise<unknown> {
  try {
    return await source();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HubClientError('unreachable', `the token function failed: ${reason}`, { retryable: true, cause });
  }
}
