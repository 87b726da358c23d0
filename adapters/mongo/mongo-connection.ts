import { MongoClient } from 'mongodb';

export interface MongoConnectionOptions {
  /** Of a replica set or a sharded cluster. */
  readonly url: string;
  /** Absent: the one in the path of the URL. */
  readonly database?: string;
  /** Shown in the server's log and `currentOp`. */
  readonly appName: string;
  readonly maxPoolSize?: number;
  /** How long an operation waits for a reachable primary. */
  readonly selectionTimeoutMs?: number;
}

/** What is read was committed by a majority, and what is written when it resolves. Not connected yet. */
export function mongoClient(options: MongoConnectionOptions): MongoClient {
  const selectionTimeoutMs = options.selectionTimeoutMs ?? 5000;
  return new MongoClient(options.url, {
    appName: options.appName,
    maxPoolSize: options.maxPoolSize ?? 20,
    serverSelectionTimeoutMS: selectionTimeoutMs,
    connectTimeoutMS: selectionTimeoutMs,
    waitQueueTimeoutMS: 2 * selectionTimeoutMs,
    // A frozen server must not hold a caller for ever.
    socketTimeoutMS: 30_000,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority' },
    ignoreUndefined: true,
  });
}
