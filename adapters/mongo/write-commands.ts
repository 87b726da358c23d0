/*
 * Many writes as few commands. The driver's own bulk writes measure every document before they encode it, which costs as
 * much as encoding it. Here the caller says how large each is at most.
 */
import { type ClientSession, type Db, type Document, MongoServerError } from 'mongodb';

export interface Sized<Value> {
  readonly value: Value;
  /** Upper bound of its BSON. */
  readonly maxBytes: number;
}

/** A command may have 16 MiB, and one document nearly as many. */
const maxCommandBytes = 12 * 1024 * 1024;
/** What the server takes in one command. */
const maxWrites = 100_000;

/** UTF-8 of a UTF-16 unit has three bytes at most. */
export function maxUtf8Bytes(text: string): number {
  return text.length * 3;
}

function* chunksOf<Value>(entries: readonly Sized<Value>[]): Generator<readonly Value[]> {
  let chunk: Value[] = [];
  let bytes = 0;
  for (const { value, maxBytes } of entries) {
    if (chunk.length > 0 && (bytes + maxBytes > maxCommandBytes || chunk.length === maxWrites)) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(value);
    bytes += maxBytes;
  }
  if (chunk.length > 0) yield chunk;
}

async function run(db: Db, command: Document, session: ClientSession): Promise<void> {
  const { writeErrors } = await db.command(command, { session, ignoreUndefined: true });
  const [first]: readonly Document[] = writeErrors ?? [];
  if (first !== undefined) throw new MongoServerError(first);
}

/** @throws MongoServerError for the first that is refused */
export async function insertAll(
  db: Db,
  insert: string,
  documents: readonly Sized<Document>[],
  session: ClientSession,
): Promise<void> {
  for (const some of chunksOf(documents)) await run(db, { insert, documents: some, ordered: false }, session);
}

/** Replaces by `_id` what is there; leaves alone what is not. @throws MongoServerError for the first that is refused */
export async function replaceAll(
  db: Db,
  update: string,
  documents: readonly Sized<Document>[],
  session: ClientSession,
): Promise<void> {
  for (const some of chunksOf(documents)) {
    const updates = some.map((document) => ({ q: { _id: document['_id'] }, u: document }));
    await run(db, { update, updates, ordered: false }, session);
  }
}
