import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { fromStoredDocument, type StoredDocument } from '../../../adapters/mongo/stored-document.ts';
import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import { createSeededRandom } from '../../../cli/demo/seeded-random.ts';
import { ChaosClient, type Pool } from './chaos-client.ts';
import { ChaosCluster } from './chaos-cluster.ts';
import { chaosConnectors, type ChaosClientPlan, planClients } from './chaos-plan.ts';
import { type FaultKind, planFaults } from './fault-plan.ts';
import { inflictAll } from './inflict.ts';
import { judge, type Verdict } from './judge.ts';
import { Load } from './load.ts';
import { readLog, whatWasSaid } from './log-truth.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly clients: number;
  /** @default 1 */
  readonly brokers?: number;
  /** Folder for all that the nodes say. */
  readonly logs?: string;
  /** Hears what happens. */
  readonly onProgress?: (line: string) => void;
}

export interface ChaosResult extends Verdict {
  readonly seed: number;
  /** Subscriptions and clients that ended although nobody ended them. */
  readonly ended: readonly string[];
  /** Nodes that ended although nobody ended them, or not as they should. */
  readonly crashes: readonly string[];
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

const messagesPerSecond = 40;
const closingMessages = 150;
/** How long everything may take to come right when nothing goes wrong any more. */
const quietMs = 90_000;
/** How long a step of the run may take beyond its own time. */
const patienceMs = 60_000;

/** True when there is nothing to complain about. */
export function isFaultless(result: ChaosResult): boolean {
  const { lost, duplicated, reordered, undetectedGaps, forbidden, wrongContent, wrongViews, ended, crashes } = result;
  const counts = [lost, duplicated, reordered, undetectedGaps, forbidden, wrongContent, wrongViews];
  return counts.every((count) => count === 0) && ended.length + crashes.length === 0;
}

/** Small rings bring clients back from the journal, large ones from memory: each seed has its own. */
function settingsOf(seed: number): Readonly<Record<string, string>> {
  const random = createSeededRandom(seed + 2);
  return {
    PURSIGHT_RING_MAX_AGE_MS: random.pick(['3000', '15000', '300000']) ?? '',
    PURSIGHT_DRAIN_MS: random.pick(['1000', '5000']) ?? '',
    PURSIGHT_LOG_PARTITIONS: random.pick(['2', '4']) ?? '',
  };
}

class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #name = `chaos-${randomUUID().slice(0, 8)}`;
  readonly #cluster: ChaosCluster;
  readonly #clients: ChaosClient[] = [];
  readonly #later: (ChaosClientPlan & { readonly joinsAt: number })[] = [];
  readonly #pool: Pool = new Map();
  #load: Load | undefined;

  constructor(options: ChaosOptions) {
    this.#options = options;
    const { brokers = 1, seed } = options;
    const name = this.#name;
    const settings = settingsOf(seed);
    this.#cluster = new ChaosCluster({ brokers, name, settings, connectors: chaosConnectors });
    this.#tell(JSON.stringify(settings));
  }

  async run(): Promise<ChaosResult> {
    const { seed, durationMs } = this.#options;
    await this.#phase('start of the cluster', this.#cluster.start());
    await this.#phase('start of the clients', this.#startClients());
    const load = await this.#phase('start of the load', this.#startLoad());
    const endMs = Date.now() + durationMs;
    const work = Promise.all([this.#inflict(), load.run(endMs), this.#joinLate()]);
    const [faults] = await this.#phase('faults', work, durationMs);
    for (const client of this.#clients) client.isSettled = true;
    await this.#phase('late clients', Promise.all(this.#clients.map((client) => client.live)), quietMs);
    // what comes last: whatever should not have been sent was sent before it
    await this.#phase('end of the load', load.finish(closingMessages));
    const verdict = await this.#phase('reconciliation', this.#verdict(load), quietMs);
    if (verdict.problems.length > 0) await this.#tellAccounts();
    const crashes = this.#cluster.nodes.flatMap((node) => node.crashes);
    const ended = this.#clients.flatMap((client) => client.ended);
    return { seed, ...verdict, ended, crashes, faults };
  }

  async dispose(): Promise<void> {
    const { logs } = this.#options;
    if (logs !== undefined)
      for (const { name, log } of this.#cluster.nodes) writeFileSync(join(logs, `${name}.log`), log);
    for (const client of this.#clients) client.hub.close();
    await this.#cluster.dispose();
  }

  /** What takes much longer than it should ends the run, and says how things stand. */
  async #phase<T>(name: string, work: Promise<T>, durationMs = 0): Promise<T> {
    this.#tell(name);
    const limitMs = durationMs + patienceMs;
    const timer = new AbortController();
    const tooLate = pause(limitMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error([`${name}: not done after ${limitMs} ms`, ...this.#state()].join('\n'));
    });
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      timer.abort();
      tooLate.catch(() => undefined);
    }
  }

  #state(): readonly string[] {
    const waiting = this.#clients.filter(({ hub }) => hub.status !== 'live').map(({ plan }) => plan.name);
    const load = this.#load?.state ?? 'no load yet';
    return [`clients that are not live: ${waiting.join(' ')}`, load, ...this.#cluster.nodes.map(({ state }) => state)];
  }

  async #tellAccounts(): Promise<void> {
    for (const line of this.#state()) this.#tell(line);
    for (const node of this.#cluster.nodes) this.#tell(await node.account());
  }

  async #startClients(): Promise<void> {
    const { clients, seed } = this.#options;
    for (const plan of planClients(clients, seed))
      if (plan.joinsAt === undefined) this.#connect(plan);
      else this.#later.push({ ...plan, joinsAt: plan.joinsAt });
    await Promise.all(this.#clients.map((client) => client.live));
  }

  /** Some come while things go wrong. */
  async #joinLate(): Promise<void> {
    const { durationMs } = this.#options;
    const join = async (plan: ChaosClientPlan & { readonly joinsAt: number }): Promise<void> => {
      await pause(plan.joinsAt * durationMs);
      this.#connect(plan);
    };
    await Promise.all(this.#later.map(join));
  }

  #connect(plan: ChaosClientPlan): void {
    this.#clients.push(new ChaosClient(plan, this.#cluster.url, this.#pool));
  }

  async #startLoad(): Promise<Load> {
    const cluster = this.#cluster;
    const load = new Load({
      connectors: chaosConnectors,
      seed: this.#options.seed,
      messagesPerSecond,
      brokers: cluster.services.brokers,
      topicOf: (id) => cluster.topicOf(id),
      urls: () => cluster.urlsInService,
    });
    await load.start();
    this.#load = load;
    return load;
  }

  async #inflict(): Promise<ChaosResult['faults']> {
    const { seed, durationMs } = this.#options;
    const { nodes, services, front } = this.#cluster;
    const startedMs = performance.now();
    return inflictAll({ nodes, services, clients: front }, planFaults(seed, durationMs), (fault) =>
      this.#tell(
        `${Math.round(performance.now() - startedMs)} ms, ${new Date().toISOString().slice(11, 23)}: ${fault.kind} for ${fault.durationMs} ms`,
      ),
    );
  }

  /** Judges until everything is right, or has had time enough to become so. */
  async #verdict({ acknowledged }: Load): Promise<Verdict> {
    const { brokers, mongoUrl } = this.#cluster.services;
    const topicOf = (id: string): string => this.#cluster.topicOf(id);
    const sources = { connectors: chaosConnectors, acknowledged, brokers, topicOf };
    const said = await whatWasSaid(sources);
    const deadlineMs = Date.now() + quietMs;
    // judging takes seconds, in which no proxy passes anything on
    while (this.#isLoading() && Date.now() < deadlineMs) await pause(1000);
    for (;;) {
      const documents = await readDocuments(mongoUrl);
      const log = await readLog(brokers, this.#name);
      const verdict = judge({ clients: this.#clients, log, said, documents });
      if (verdict.problems.length === 0 || Date.now() > deadlineMs) return verdict;
      this.#tell(`not right yet, e.g. ${verdict.problems[0]?.slice(0, 200)}`);
      await pause(5000);
    }
  }

  /** True while a view does not hold what it should as far as its client knows. */
  #isLoading(): boolean {
    return this.#clients.some(({ views }) => [...views.values()].some(({ view }) => view.status !== 'live'));
  }

  #tell(line: string): void {
    this.#options.onProgress?.(line);
  }
}

async function readDocuments(url: string): Promise<readonly CatalogDocument[]> {
  const client = new MongoClient(url);
  try {
    const stored = await client.db().collection<StoredDocument>('documents').find().toArray();
    return stored.map(fromStoredDocument);
  } finally {
    await client.close();
  }
}

/**
 * A cluster, clients and constant changes, and the faults of a seed; then an exact reconciliation. Ends what it started,
 * whatever happens.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const run = new ChaosRun(options);
  try {
    return await run.run();
  } finally {
    await run.dispose();
  }
}
