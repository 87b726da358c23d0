import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import { createInProcessControlTopic } from '../../adapters/embedded/in-process-control-topic.ts';
import { readSettings } from '../../server/config/read-settings.ts';
import { createOutlet } from '../../server/delivery/outlet/outlet.ts';
import type { Route } from '../../server/http/route.ts';
import type { Component } from '../../server/node/components.ts';
import { makeParts, type NodeParts } from '../../server/node/make-parts.ts';
import type { NodeBase } from '../../server/node/node-context.ts';
import { nodeRoutes } from '../../server/node/node-routes.ts';
import type { HealthSource } from '../../server/observability/health.ts';
import { createMetrics } from '../../server/observability/metrics.ts';
import { LateOutbound } from '../../server/part/outbound.ts';
import { CurrentPolicy } from '../../server/policy/current-policy.ts';
import { createOpaqueIds } from '../../server/sealing/opaque-ids.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';
import { MemoryEventLog } from './memory-event-log.ts';
import { MemoryMeta } from './memory-meta.ts';
import { noneIsNewer, silentLogger } from './silence.ts';
import { testIndex } from './test-index.ts';
import { testTurns } from './test-turns.ts';

const secret = 'a-secret-of-more-than-32-characters-0123456789';

/** The parts of a process with these components, which is not started. */
export function partsOf(...components: readonly Component[]): Promise<NodeParts> {
  const base = {
    ...{ mode: 'embedded', node: 'n1', logger: silentLogger, metrics: createMetrics(), turns: testTurns() },
    settings: readSettings({ PURSIGHT_JWT_SECRET: secret, PURSIGHT_SECRET: secret }),
    secrets: { secret, previousSecrets: [], jwtSecret: secret },
    policy: new CurrentPolicy({ version: 1, roles: {} }),
    store: new MemoryMeta(),
    log: new MemoryEventLog(1),
    journal: new MemoryEventJournal(),
    leases: new MemoryEventJournal(),
    bus: createInProcessControlBus(),
    control: createInProcessControlTopic(),
    search: testIndex(),
    connectors: new Map(),
    clock: { now: () => Date.now(), elapsedMs: () => performance.now() },
    outbound: new LateOutbound(),
    ids: createOpaqueIds('test'),
    outlet: createOutlet([]),
    onNewer: noneIsNewer,
  };
  return makeParts(new Set(components), base as unknown as NodeBase);
}

const all: readonly Component[] = ['gateway', 'ingest', 'worker', 'search', 'api'];

/** Everything that a process with these components serves, by default with all; its handlers work on nothing. */
export async function routesOf(...components: readonly Component[]): Promise<readonly Route[]> {
  const { parts } = await partsOf(...(components.length === 0 ? all : components));
  const status = { health: {} as HealthSource, refreshGauges: () => undefined };
  return nodeRoutes({
    status,
    metrics: createMetrics(),
    parts,
    basePath: '/',
    verify: () => Promise.reject(new Error('no token is good')),
    turns: testTurns(),
    onFault: () => undefined,
  });
}
