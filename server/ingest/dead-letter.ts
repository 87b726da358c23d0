import { createHash } from 'node:crypto';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import type { ConnectorProfile } from '../../channels/ports/message-format.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';

/** How much of a message a letter keeps. */
export interface LetterBounds {
  readonly maxValueBytes: number;
  readonly maxHeaderBytes: number;
}

/** As base64, with everything besides it, this is less than the 16 MiB of one document of MongoDB. */
export const wholeLetter: LetterBounds = { maxValueBytes: 11 * 1024 * 1024, maxHeaderBytes: 256 * 1024 };
/** Position and reason only, for a message whose content a store rejects for any reason. */
export const bareLetter: LetterBounds = { maxValueBytes: 0, maxHeaderBytes: 0 };

const maxReasonLength = 2000;

/** The first of these, as far as they fit into so many bytes of JSON. */
function fittingHeaders(headers: NativeMessage['headers'], maxBytes: number): Readonly<Record<string, string>> {
  let bytes = 0;
  const fitting = Object.entries(headers).filter(
    (entry) => (bytes += Buffer.byteLength(JSON.stringify(entry))) <= maxBytes,
  );
  return Object.fromEntries(fitting);
}

/** Each part behind its length, so that no two lists of parts are the same bytes. */
function idOf(parts: readonly (string | Uint8Array | null)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part === null ? 'null|' : `${Buffer.byteLength(part)}|`);
    if (part !== null) hash.update(part);
  }
  return hash.digest('base64url').slice(0, 22);
}

function reasonOf(error: HubError): string {
  const fault = error.code === 'internal' && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${fault}`.slice(0, maxReasonLength);
}

function sizeOf({ value, headers }: NativeMessage): number {
  const ofHeaders = Object.entries(headers).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  );
  return (value?.length ?? 0) + ofHeaders;
}

/** A message that cannot be ingested, as it is kept. */
export function deadLetterOf(
  { id, tenant }: Pick<ConnectorProfile, 'id' | 'tenant'>,
  { message, origin }: { readonly message: NativeMessage; readonly origin: DeadLetter['origin'] },
  {
    error,
    at,
    bounds = wholeLetter,
  }: { readonly error: HubError; readonly at: string; readonly bounds?: LetterBounds },
): DeadLetter {
  const { transport, topic, partition = 0, offset = 0 } = origin;
  const place = topic === undefined ? { transport } : { transport, topic, partition, offset };
  const value = message.value === null ? null : Buffer.from(message.value);
  const headers = fittingHeaders(message.headers, bounds.maxHeaderBytes);
  const cut = {
    bytes: Math.max(0, (value?.length ?? 0) - bounds.maxValueBytes),
    headers: Object.keys(message.headers).length - Object.keys(headers).length,
  };
  const identity = [id, JSON.stringify(place), JSON.stringify(message.headers), value];
  return {
    id: idOf(identity),
    tenant,
    connector: id,
    code: error.code,
    reason: reasonOf(error),
    at,
    origin: place,
    headers,
    bytes: value === null ? null : value.subarray(0, bounds.maxValueBytes).toString('base64'),
    attempts: 1,
    size: sizeOf(message),
    ...(cut.bytes > 0 || cut.headers > 0 ? { cut } : {}),
  };
}
