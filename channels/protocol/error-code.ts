import { editErrorCodes } from './edit-error-codes.ts';
import type { ErrorCodeEntry } from './error-code-entry.ts';

/**
 * The closed list of error codes. A code is stable: it appears in acks, HTTP bodies, dead letters, logs and the SDK.
 * Each entry says what happened, whether a retry can help, and what to do. docs/errors.md is kept
 * equal to this table by a test.
 */
export const errorCodes = {
  // the caller's request
  'invalid-json': {
    status: 400,
    retryable: false,
    meaning: 'The text is not valid JSON.',
    fix: 'Send one well-formed JSON value in UTF-8.',
  },
  'invalid-request': {
    status: 400,
    retryable: false,
    meaning: 'A field of the request is missing, of the wrong type or unknown.',
    fix: 'Correct the field that the message names.',
  },
  'invalid-channel': {
    status: 400,
    retryable: false,
    meaning: 'The channel name does not follow the channel grammar.',
    fix: 'Use one of the forms that the message lists.',
  },
  'invalid-filter': {
    status: 400,
    retryable: false,
    meaning: 'The filter uses an unknown field or operator, or a value of the wrong type.',
    fix: 'Correct the part that the message names.',
  },
  'filter-too-large': {
    status: 400,
    retryable: false,
    meaning: 'The filter has more nodes, levels or values than allowed.',
    fix: 'Split it into several subscriptions.',
  },
  'view-too-large': {
    status: 413,
    retryable: false,
    meaning: 'More documents match than a view may hold.',
    fix: 'Narrow the filter, page through GET /v1/documents, or follow events instead.',
  },
  'unknown-subscription': {
    status: 404,
    retryable: false,
    meaning: 'No subscription of this session has that id.',
    fix: 'Unsubscribe only ids that were subscribed.',
  },
  'duplicate-subscription': {
    status: 409,
    retryable: false,
    meaning: 'The session already has a subscription with that id.',
    fix: 'Choose another id or unsubscribe first.',
  },
  'unsupported-protocol': {
    status: 400,
    retryable: false,
    meaning: 'The client and this hub have no protocol version in common.',
    fix: 'Upgrade the older side; the message names the versions of the hub.',
  },
  'unsupported-transport': {
    status: 400,
    retryable: false,
    meaning: 'The client requests long polling, or a transport other than WebSocket.',
    fix: "Set `transports: ['websocket']` in the options of the client.",
  },
  'not-found': {
    status: 404,
    retryable: false,
    meaning: 'It does not exist, or you may not see it.',
    fix: 'Check the id and your rights.',
  },
  'method-not-allowed': {
    status: 405,
    retryable: false,
    meaning: 'The route does not support this HTTP method.',
    fix: 'Use a method from the Allow header.',
  },
  ...editErrorCodes,
  // who is asking
  unauthenticated: {
    status: 401,
    retryable: false,
    meaning: 'The token is missing or not valid.',
    fix: 'Send a valid token; the message says what is wrong with this one.',
  },
  'token-expired': {
    status: 401,
    retryable: false,
    meaning: 'The token has expired.',
    fix: 'Get a new token and reconnect, or renew it in band before it expires.',
  },
  'key-not-known': {
    status: 503,
    retryable: true,
    meaning: 'The key of the token is not in the key set as last read; the issuer may just have added it.',
    fix: 'Retry after retryAfterMs: the hub then reads the key set again.',
  },
  'token-revoked': {
    status: 401,
    retryable: false,
    meaning: 'An administrator revoked the token.',
    fix: 'Log in again; if the new token is refused too, ask an administrator.',
  },
  forbidden: {
    status: 403,
    retryable: false,
    meaning: 'You are authenticated, but no grant allows this.',
    fix: 'Ask an administrator for the grant that the message names.',
  },
  'origin-not-allowed': {
    status: 403,
    retryable: false,
    meaning: 'The browser page comes from an origin that is not on the allow-list.',
    fix: 'Add the origin to PURSIGHT_ALLOWED_ORIGINS.',
  },
  // limits and back-pressure
  'too-many-connections': {
    status: 429,
    retryable: true,
    meaning: 'The principal, the address or the node has reached its limit of connections.',
    fix: 'Close unused connections, or wait for the time given and retry.',
  },
  'too-many-subscriptions': {
    status: 429,
    retryable: false,
    meaning: 'The session has reached its limit of subscriptions.',
    fix: 'Unsubscribe what is not needed, or use a wider filter.',
  },
  'too-costly': {
    status: 429,
    retryable: false,
    meaning: 'The subscriptions of the principal or its tenant would exceed the matching cost limit per event.',
    fix: 'Give the filter an equality on a selective field, share one filter, or unsubscribe what is not needed.',
  },
  'rate-limited': {
    status: 429,
    retryable: true,
    meaning: 'Requests come faster than allowed.',
    fix: 'Wait for retryAfterMs, then retry.',
  },
  'message-too-large': {
    status: 413,
    retryable: false,
    meaning: 'A message or body is larger than allowed.',
    fix: 'Send it in smaller parts; the message names the limit.',
  },
  'slow-consumer': {
    status: 503,
    retryable: true,
    meaning: 'The client read too slowly and was closed, so that nothing is dropped silently.',
    fix: 'Reconnect; read faster or subscribe to less.',
  },
  // found by the client library itself; a hub never sends these
  unreachable: {
    status: 503,
    retryable: true,
    meaning: 'The client could not reach the hub, or the connection broke.',
    fix: 'Check the address and the network; the client retries by itself.',
  },
  'not-supported': {
    status: 501,
    retryable: false,
    meaning: 'The hub does not offer what the client asks for; the message names it.',
    fix: 'Use a hub that has it: searches need processes with the component `search`.',
  },
  closed: {
    status: 409,
    retryable: false,
    meaning: 'The hub object or subscription was already closed by the application.',
    fix: 'Create a new one.',
  },
  // native messages
  'unknown-connector': {
    status: 404,
    retryable: false,
    meaning: 'No connector with that id is configured for your tenant.',
    fix: 'Use an id from the configuration file.',
  },
  'unsupported-media-type': {
    status: 415,
    retryable: false,
    meaning: 'The content type or encoding is not one that the connector reads.',
    fix: 'Use a content type that the message lists.',
  },
  'invalid-message': {
    status: 400,
    retryable: false,
    meaning: 'A native message does not match its format.',
    fix: 'Correct the field that the message names; the bytes are kept as a dead letter.',
  },
  'unsupported-message': {
    status: 422,
    retryable: false,
    meaning: 'The format of the message is known, but its version or type is not supported.',
    fix: 'See the connector guide for the supported types.',
  },
  'incomplete-message': {
    status: 422,
    retryable: true,
    meaning: 'Parts of a split message did not arrive in time.',
    fix: 'Ask the source to send the message again, or retry the dead letter when all parts are there.',
  },
  'outside-namespace': {
    status: 403,
    retryable: false,
    meaning: 'The connector tried to write an entity outside its urn namespaces.',
    fix: 'Correct the urn, or extend the connector configuration.',
  },
  'limit-exceeded': {
    status: 422,
    retryable: false,
    meaning: 'A document or event would exceed a limit of count, length or size.',
    fix: 'Reduce the field that the message names.',
  },
  // the hub itself
  'config-invalid': {
    status: 500,
    retryable: false,
    meaning: 'The configuration is wrong; the hub does not start.',
    fix: 'Correct every setting that the message lists.',
  },
  'storage-locked': {
    status: 500,
    retryable: false,
    meaning: 'Another process uses the data folder.',
    fix: 'Stop it, or give this hub its own PURSIGHT_DATA_DIR, or use cluster mode.',
  },
  'storage-damaged': {
    status: 500,
    retryable: false,
    meaning: 'The data file of embedded storage was truncated or overwritten.',
    fix: 'Restore the data folder from a backup, or move it away to start with an empty catalog.',
  },
  'storage-unavailable': {
    status: 503,
    retryable: true,
    meaning: 'MongoDB, Kafka, Meilisearch or the data folder cannot be reached or written.',
    fix: 'Nothing is lost; retry, and check the dependency at /readyz.',
  },
  'log-mismatch': {
    status: 500,
    retryable: false,
    meaning: 'The event log topic does not fit this deployment (partition count or epoch).',
    fix: 'Run pursight doctor; never change the partition count of an epoch.',
  },
  conflict: {
    status: 409,
    retryable: true,
    meaning: 'Another request changed the same thing at the same time.',
    fix: 'Retry.',
  },
  'not-ready': {
    status: 503,
    retryable: true,
    meaning: 'The node is starting, or is behind the cursor of the client.',
    fix: 'Retry after a moment or use another node.',
  },
  'shutting-down': {
    status: 503,
    retryable: true,
    meaning: 'The node is stopping.',
    fix: 'Reconnect; another node will serve you.',
  },
  disconnected: {
    status: 503,
    retryable: true,
    meaning: 'An operator closed the session.',
    fix: 'Reconnect if you are still allowed to.',
  },
  internal: {
    status: 500,
    retryable: true,
    meaning: 'An internal error of the hub. It is logged with the id in the message.',
    fix: 'Retry; report it if it persists.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** One of the closed list of codes. */
export type ErrorCode = keyof typeof errorCodes;

/** True for one of the list. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
