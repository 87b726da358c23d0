/** The whole hub, embedded: LMDB log -> parse -> ring -> match -> policy -> encode -> frames -> uWS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { createEmbeddedEventJournal } from '../../adapters/embedded/embedded-event-journal.ts';
import { createEmbeddedLeases } from '../../adapters/embedded/embedded-leases.ts';
import { createEmbeddedEventLog } from '../../adapters/embedded/embedded-event-log.ts';
import { EmbeddedSearchIndex } from '../../adapters/embedded/search/embedded-search-index.ts';
import { createInProcessControlTopic } from '../../adapters/embedded/in-process-control-topic.ts';
import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import { parseHubFile } from '../../server/config/hub-file.ts';
import { readSettings } from '../../server/config/read-settings.ts';
import { CursorBeat } from '../../server/delivery/tick/cursor-beat.ts';
import { tuneCollector } from '../../server/node/collector.ts';
import { startHub } from '../../server/node/hub.ts';
import { ThreadTurns } from '../../server/turns/thread-turns.ts';
import { createLogger } from '../../server/observability/logger.ts';
import { benchEvents } from '../load/bench-events.ts';
import { benchSecret } from '../load/bench-token.ts';
import { report, untilGo } from './messages.ts';
import { pacedLog } from './paced-log.ts';
import { Meter, Window } from './window.ts';

const count = Number(process.argv[2]);
const batch = Number(process.argv[3]);
const entities = Number(process.argv[4] ?? 200);
const windowSize = Number(process.argv[5] ?? 200);
/** The first of them, for which nothing is measured. */
const warmUp = Number(process.argv[6] ?? 0);
/** What a hub would cost that never says how far it is: nobody could go on from there. */
if (process.argv[7] === 'no-cursors') CursorBeat.prototype.start = () => undefined;
const folder = mkdtempSync(join(tmpdir(), 'pursight-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const clock = { now: () => Date.now(), elapsedMs: () => performance.now() };
const turns = new ThreadTurns(clock);
const environment = await createEmbeddedEnvironment({ folder });
const store = createEmbeddedCatalogStore({ environment });
const log = await createEmbeddedEventLog({ environment, clock, partitionCount: 1 });
const bus = createInProcessControlBus();
const window = new Window(windowSize);
const meter = new Meter(window, warmUp);

let open = false;
let opened: (() => void) | undefined;
const isOpen = new Promise<void>((resolve) => (opened = resolve));
let finish: (() => void) | undefined;
const finished = new Promise<void>((resolve) => (finish = resolve));

/** One portion a tick: the next one comes when the loop has been round and the clients have room. */
async function gate(delivered: number): Promise<void> {
  if (!open) await isOpen;
  await new Promise((resolve) => setImmediate(resolve));
  await window.room(delivered);
  await meter.reached(delivered);
  if (delivered >= count - batch) finish?.();
}

/** The events are in the log only, as in a hub that reads what another process wrote. */
async function fillLog(): Promise<void> {
  const events = benchEvents(count, entities);
  for (let start = 0; start < events.length; start += 500) await log.append(events.slice(start, start + 500));
}

tuneCollector();
const hub = await startHub({
  onNewer: (error) => {
    throw error;
  },
  settings: readSettings({
    PURSIGHT_PORT: '0',
    PURSIGHT_JWT_SECRET: benchSecret,
    PURSIGHT_SECRET: benchSecret,
    PURSIGHT_CONNECT_RATE: '100000',
    PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '100000',
    PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '100000',
    PURSIGHT_DATA_DIR: folder,
  }),
  secrets: { secret: benchSecret, previousSecrets: [], jwtSecret: benchSecret },
  file: parseHubFile(
    { connectors: [], policy: { version: 1, roles: { steward: [{ allow: 'read', kinds: ['asset'] }] } } },
    'bench',
    { formats: [] },
  ),
  adapters: {
    mode: 'embedded',
    mappedBytes: () => 0,
    store,
    log: pacedLog(log, batch, gate),
    journal: createEmbeddedEventJournal({ environment, epoch: log.epoch }),
    leases: createEmbeddedLeases({ environment, clock }),
    bus,
    control: createInProcessControlTopic(),
    search: new EmbeddedSearchIndex({ turns, clock }),
    sourceOf: () => undefined,
    close: async () => environment.close(),
  },
  // a node whose only task is its clients, as in a cluster
  components: new Set(['gateway']),
  node: 'bench',
  logger: createLogger({ level: 'warn', node: 'bench' }),
  clock,
  turns,
});
report({ type: 'listening', port: Number(new URL(hub.url).port) });
await untilGo();
await fillLog();
globalThis.gc?.();
meter.start();
open = true;
opened?.();
await finished;
// the last portion is published in the turns that follow; its clients confirm to the bench
await meter.done(count);
