import { MongoClient } from 'mongodb';
import { asError } from '../../channels/base/thrown.ts';
import { checkForms } from '../../channels/forms/check-forms.ts';
import { declaredFormsKey } from '../../channels/forms/declared-forms.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import type { Check } from '../../channels/ports/check.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { journalLease } from '../../channels/ports/event-journal.ts';
import { journalCollections } from './journal-collections.ts';
import { MongoLease } from './mongo-leases.ts';
import { assertTransactions } from './mongo-topology.ts';
import { hello, serverVersion } from './server-facts.ts';

export interface MongoDiagnosis {
  readonly url: string;
  readonly clock: Clock;
}

/** What the first start of a deployment has decided; undefined before. */
export interface StoredEpoch {
  readonly epoch: string;
  readonly partitions: number;
}

const selectionTimeoutMs = 4000;
/** The server library of the driver this hub is built with speaks to 4.2 and newer; tested is 6 and newer. */
const oldestTestedMajor = 6;
const maxSkewMs = 2000;
const maxLifetimeSeconds = 15;

interface Meta {
  readonly _id: string;
  readonly value: string;
}

function failed(name: string, thrown: unknown, fix: string): Check {
  const error = thrown instanceof HubError ? thrown : undefined;
  return { name, state: 'fail', found: (error ?? asError(thrown)).message, fix };
}

function versionCheck(version: string): Check {
  const found = `version ${version}`;
  if (Number.parseInt(version, 10) >= oldestTestedMajor) return { name: 'mongodb version', state: 'ok', found };
  return {
    name: 'mongodb version',
    state: 'warn',
    found,
    fix: `use MongoDB ${oldestTestedMajor} or newer; older ones are not tested`,
  };
}

/** Half of the round trip is what one clock reading can be wrong. */
function skewCheck(localTime: Date, beforeMs: number, afterMs: number): Check {
  const skewMs = Math.round(localTime.getTime() - (beforeMs + afterMs) / 2);
  const found = `MongoDB is ${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(skewMs) <= maxSkewMs + (afterMs - beforeMs) / 2) return { name: 'mongodb clock', state: 'ok', found };
  return {
    name: 'mongodb clock',
    state: 'warn',
    found,
    fix: 'run NTP on both: token expiry and recorded times go by the clock',
  };
}

async function* serverChecks(client: MongoClient, clock: Clock): AsyncGenerator<Check> {
  const admin = client.db('admin');
  yield versionCheck(await serverVersion(admin));
  const beforeMs = clock.now();
  const { hosts = [], setName, localTime } = await hello(admin);
  const afterMs = clock.now();
  const members = hosts.length;
  yield {
    name: 'mongodb topology',
    state: 'ok',
    found:
      setName === undefined
        ? 'sharded cluster'
        : `replica set ${setName}, ${members} member${members === 1 ? '' : 's'}`,
  };
  yield skewCheck(localTime, beforeMs, afterMs);
  yield* lifetimeCheck(client);
}

/** Open transactions of a killed process block its successor for that long. */
async function* lifetimeCheck(client: MongoClient): AsyncGenerator<Check> {
  const parameter = 'transactionLifetimeLimitSeconds';
  const name = 'mongodb open transactions';
  const answer = await client
    .db('admin')
    .command({ getParameter: 1, [parameter]: 1 })
    .catch(() => undefined);
  const seconds: unknown = answer?.[parameter];
  // managed services may not let it be read
  if (typeof seconds !== 'number') return;
  const found = `left open by a killed process, they end after ${seconds} s`;
  if (seconds <= maxLifetimeSeconds) yield { name, state: 'ok', found };
  else
    yield {
      name,
      state: 'warn',
      found,
      fix: `set ${parameter}=10, so that another ingest process takes over in seconds`,
    };
}

/** Writes one small document and removes it: reading says nothing of rights and of a majority. */
async function writeCheck(client: MongoClient, clock: Clock): Promise<Check> {
  const name = 'mongodb write';
  const collection = client.db().collection<{ _id: string; at: Date }>('doctor', {
    writeConcern: { w: 'majority', wtimeoutMS: selectionTimeoutMs },
  });
  const _id = `doctor-${clock.now()}`;
  try {
    await collection.insertOne({ _id, at: new Date(clock.now()) });
    await collection.deleteOne({ _id });
    return { name, state: 'ok', found: `database ${client.db().databaseName} accepts majority writes` };
  } catch (error) {
    return failed(
      name,
      error,
      'give the user of PURSIGHT_MONGO_URL the role readWrite, and see that a majority of members is up',
    );
  }
}

/** Read only: a deployment that never started has no journal, and without a worker it is not written. */
async function journalCheck(client: MongoClient): Promise<Check> {
  const { coverage, claim } = journalCollections(client.db());
  const covered = await coverage.estimatedDocumentCount();
  if (covered === 0) return { name: 'journal', state: 'ok', found: 'not started yet' };
  const holder = await new MongoLease(claim, journalLease).holder();
  if (holder !== undefined) return { name: 'journal', state: 'ok', found: `written by ${holder}` };
  return {
    name: 'journal',
    state: 'warn',
    found: 'no node writes it: clients that were away for long cannot resume',
    fix: 'start a node with the component worker',
  };
}

async function storedEpoch(client: MongoClient): Promise<StoredEpoch | undefined> {
  const meta = client.db().collection<Meta>('meta');
  const epoch = (await meta.findOne({ _id: 'epoch' }))?.value;
  const text = epoch === undefined ? undefined : (await meta.findOne({ _id: `epoch.${epoch}` }))?.value;
  if (epoch === undefined || text === undefined) return undefined;
  const stored: unknown = JSON.parse(text);
  const partitions = isJsonObject(stored) ? stored['partitions'] : undefined;
  return typeof partitions === 'number' ? { epoch, partitions } : undefined;
}

/** Looks at MongoDB; returns what the deployment has stored of its event log. Never throws. */
export async function* diagnoseMongo({ url, clock }: MongoDiagnosis): AsyncGenerator<Check, StoredEpoch | undefined> {
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(url, {
      appName: 'pursight-doctor',
      serverSelectionTimeoutMS: selectionTimeoutMs,
      maxPoolSize: 2,
    });
    await assertTransactions(client);
    yield { name: 'mongodb', state: 'ok', found: 'reachable' };
    yield* serverChecks(client, clock);
    yield await writeCheck(client, clock);
    yield await journalCheck(client);
    yield checkForms((await client.db().collection<Meta>('meta').findOne({ _id: declaredFormsKey }))?.value);
    return await storedEpoch(client);
  } catch (error) {
    yield failed(
      'mongodb',
      error,
      'correct PURSIGHT_MONGO_URL, and see that a replica set with a primary listens there',
    );
    return undefined;
  } finally {
    await client?.close().catch(() => undefined);
  }
}
