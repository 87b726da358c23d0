import type { ClientSession, MongoClient } from 'mongodb';
import { HubError } from '../../channels/protocol/hub-error.ts';

/** The driver would continue for 120 s; a caller can do better with the answer. */
const deadlineMs = 10_000;

/**
 * Runs `work` in one transaction on a snapshot; committed by the majority when it resolves. Transient errors run `work`
 * again. When the deadline passes it is not known whether the last attempt was committed: the guards of a repeated batch
 * find out. @throws storage-unavailable at the deadline; what `work` and the driver throw
 */
export async function inTransaction(
  client: MongoClient,
  work: (session: ClientSession) => Promise<void>,
): Promise<void> {
  const late = new HubError(
    'storage-unavailable',
    `MongoDB: a transaction did not end within ${deadlineMs} ms; nothing is lost, retry`,
  );
  let timer: NodeJS.Timeout | undefined;
  let expired = false;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      expired = true;
      reject(late);
    }, deadlineMs);
  });
  const transaction = client.withSession((session) =>
    session.withTransaction(
      async () => {
        if (expired) throw late;
        await work(session);
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    ),
  );
  transaction.catch(() => undefined);
  try {
    await Promise.race([transaction, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
