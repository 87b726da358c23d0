import { type MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { fromMongoError } from './from-mongo-error.ts';
import { type Hello, hello } from './server-facts.ts';

const authenticationFailed = 18;
const needsReplicaSet =
  'the hub needs transactions: start mongod with --replSet rs0 and run rs.initiate() once (one member is enough)';

/** @throws config-invalid for a server without transactions */
export function assertTransactional({ setName, msg, isreplicaset }: Omit<Hello, 'localTime'>): void {
  if (setName !== undefined || msg === 'isdbgrid') return;
  const problem =
    isreplicaset === true
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
  let said: Hello;
  try {
    said = await hello(client.db('admin'));
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
  assertTransactional(said);
}
