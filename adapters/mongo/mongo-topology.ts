import { type MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { fromMongoError } from './from-mongo-error.ts';

/** What a server says of itself to `hello`. */
export interface Hello {
  readonly setName?: string;
  /** `isdbgrid` on a mongos. */
  readonly msg?: string;
  /** A member that was started with --replSet and not yet initiated. */
  readonly isreplicaset?: boolean;
}

const authenticationFailed = 18;
const needsReplicaSet =
  'the hub needs transactions: start mongod with --replSet rs0 and run rs.initiate() once (one member is enough)';

/** @throws config-invalid for a server without transactions */
export function assertTransactional(hello: Hello): void {
  if (hello.setName !== undefined || hello.msg === 'isdbgrid') return;
  const problem =
    hello.isreplicaset === true
      ? 'the replica set of the MongoDB server is not initiated'
      : 'the MongoDB server is a standalone';
  throw new HubError('config-invalid', `PURSIGHT_MONGO_URL: ${problem}; ${needsReplicaSet}`);
}

/** A replica set that was never initiated looks to the driver like one without a primary. */
function isUninitiated(error: unknown): boolean {
  if (!(error instanceof MongoServerSelectionError)) return false;
  const servers = [...(error.reason?.servers.values() ?? [])];
  return servers.length > 0 && servers.every(({ type }) => type === 'RSGhost');
}

/** @throws config-invalid when the server cannot do transactions; storage-unavailable when it cannot be reached */
export async function assertTransactions(client: MongoClient): Promise<void> {
  let hello: Hello;
  try {
    hello = (await client.db('admin').command({ hello: 1 })) as Hello;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === authenticationFailed) {
      throw new HubError(
        'config-invalid',
        'PURSIGHT_MONGO_URL: the server refused the user or password; correct them',
        { cause: error },
      );
    }
    if (isUninitiated(error)) assertTransactional({ isreplicaset: true });
    throw fromMongoError(error);
  }
  assertTransactional(hello);
}
