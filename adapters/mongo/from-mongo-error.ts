import {
  MongoAPIError,
  MongoError,
  MongoNotConnectedError,
  MongoClientClosedError,
  MongoInvalidArgumentError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb';
import { HubError } from '../../channels/protocol/hub-error.ts';

/** BSONObjectTooLarge and its relatives: no retry can help. */
const tooLargeCodes = new Set<unknown>([10334, 17280, 17419, 17420]);
const tooLargeText = /too large|exceeds maximum|larger than the maximum|offset.*out of range/u;
/** What the server says of values that it does not take: it will say so again. */
const refusedCodes = new Set<unknown>([
  2, // BadValue
  9, // FailedToParse
  14, // TypeMismatch
  15, // Overflow: nested too deeply
  22, // InvalidBSON
  52, // DollarPrefixedFieldName
  53, // InvalidIdField
  54, // NotSingleValueField
  55, // InvalidDBRef
  56, // EmptyFieldName
  57, // DottedFieldName
  121, // DocumentValidationFailure
  171, // CannotIndexParallelArrays
  257, // TransactionTooLarge
]);
const duplicateKey = 11_000;
const writeConflict = 112;

function isMisuse(error: MongoError): boolean {
  const closed =
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoClientClosedError;
  return error instanceof MongoAPIError && !closed;
}

function isTooLarge(error: Error): boolean {
  if (error instanceof MongoServerError)
    return tooLargeCodes.has(error.code) || (error.code === 2 && tooLargeText.test(error.message));
  const local = error.name === 'BSONError' || error instanceof RangeError || error instanceof MongoInvalidArgumentError;
  return local && tooLargeText.test(error.message);
}

/** True for a duplicate key, also inside a bulk write. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

/**
 * A driver error as the hub names it: what the server or the network did is `storage-unavailable`, what is too big for
 * MongoDB, or nothing that it takes, `limit-exceeded`, a bad URL or option `config-invalid`, a lost race that nobody expected `conflict`.
 * Anything else is a bug and comes back as it is.
 */
export function fromMongoError(thrown: unknown): unknown {
  if (thrown instanceof HubError || !(thrown instanceof Error)) return thrown;
  if (isTooLarge(thrown))
    return new HubError(
      'limit-exceeded',
      'a document or event is larger than the 16 MiB that MongoDB stores; reduce its size',
      { cause: thrown },
    );
  // By name: the URL parser brings an error class of its own with the same name.
  if (thrown.name === 'MongoParseError')
    return new HubError('config-invalid', `MongoDB URL: ${thrown.message}`, { cause: thrown });
  if (!(thrown instanceof MongoError)) return isOfSystem(thrown) ? unavailable(thrown) : thrown;
  if (isDuplicateKey(thrown) || thrown.code === writeConflict) {
    return new HubError('conflict', 'another process wrote the same MongoDB document at the same time; retry', {
      cause: thrown,
    });
  }
  if (thrown instanceof MongoServerError && refusedCodes.has(thrown.code))
    return new HubError('limit-exceeded', `MongoDB rejected a document: ${thrown.message}`, { cause: thrown });
  if (isMisuse(thrown)) return thrown;
  return unavailable(thrown);
}

/** The driver passes on as it is what the system says while it writes to a connection that has just broken. */
function isOfSystem(error: NodeJS.ErrnoException): boolean {
  return typeof error.syscall === 'string';
}

function unavailable(cause: Error): HubError {
  return new HubError('storage-unavailable', 'the catalog cannot be reached; nothing is lost, retry later', {
    cause,
    operatorMessage: `MongoDB: ${cause.message}; nothing is lost, retry when it is reachable`,
  });
}

/** Runs an operation and translates what it throws. */
export async function translated<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw fromMongoError(error);
  }
}
