import { setTimeout as pause } from 'node:timers/promises';
import type { OwnServer } from '../../setup/own-server.ts';
import type { NetworkFaults, ProxiedConnection } from '../fault-proxy.ts';
import type { ChaosNode } from './chaos-node.ts';
import type { ChaosServices } from './chaos-services.ts';
import type { FaultKind, PlannedFault } from './fault-plan.ts';

export interface Victims {
  readonly nodes: readonly ChaosNode[];
  readonly services: ChaosServices;
  /** Between the clients and the nodes. */
  readonly clients: NetworkFaults;
}

type Inflict = (victims: Victims, fault: PlannedFault) => Promise<void> | void;

function nodeOf({ nodes }: Victims, { choice }: PlannedFault): ChaosNode {
  return nodes[Math.floor(choice * nodes.length)] as ChaosNode;
}

function brokerOf({ kafka }: ChaosServices, { choice }: PlannedFault): OwnServer {
  return kafka.brokers[Math.floor(choice * kafka.brokers.length)] as OwnServer;
}

/** Up to a third of them, from a place that the choice names. */
function some(network: NetworkFaults, choice: number): readonly ProxiedConnection[] {
  const { connections } = network;
  const count = Math.ceil((choice * connections.length) / 3);
  const start = Math.floor(((choice * 7) % 1) * connections.length);
  return [...connections, ...connections].slice(start, start + count);
}

async function during(fault: PlannedFault, begin: () => void, end: () => void): Promise<void> {
  begin();
  await pause(fault.durationMs);
  end();
}

function paused(network: NetworkFaults, fault: PlannedFault): Promise<void> {
  return during(
    fault,
    () => network.pause(),
    () => network.restore(),
  );
}

function refused(network: NetworkFaults, fault: PlannedFault): Promise<void> {
  return during(
    fault,
    () => (network.refuse(), network.cut()),
    () => network.restore(),
  );
}

async function killed(server: OwnServer, { durationMs }: PlannedFault): Promise<void> {
  await server.kill();
  await pause(durationMs);
  await server.restart();
}

function frozen(server: OwnServer, fault: PlannedFault): Promise<void> {
  return during(
    fault,
    () => server.freeze(),
    () => server.thaw(),
  );
}

function cutMidFrame(network: NetworkFaults, { choice }: PlannedFault): void {
  for (const [index, connection] of some(network, choice).entries())
    connection.cutAfter(1 + Math.floor(((choice * 31 + index / 13) % 1) * 20_000), index % 4 === 0 ? 'up' : 'down');
}

const inflictions: Readonly<Record<FaultKind, Inflict>> = {
  'node-kill': (victims, fault) => nodeOf(victims, fault).kill(fault.durationMs),
  'node-freeze': (victims, fault) => nodeOf(victims, fault).freeze(fault.durationMs),
  'node-drain': (victims, fault) => nodeOf(victims, fault).drain(fault.durationMs),
  'kafka-kill': ({ services }, fault) => killed(services.kafka.brokers.at(-1) as OwnServer, fault),
  'kafka-freeze': ({ services }, fault) => frozen(brokerOf(services, fault), fault),
  'kafka-pause': ({ services }, fault) => paused(services.kafka.proxy, fault),
  'kafka-cut': ({ services }) => services.kafka.proxy.cut(),
  'kafka-cut-mid-frame': ({ services }, fault) => cutMidFrame(services.kafka.proxy, fault),
  'kafka-refuse': ({ services }, fault) => refused(services.kafka.proxy, fault),
  'mongo-kill': ({ services }, fault) => killed(services.mongo.server, fault),
  'mongo-freeze': ({ services }, fault) => frozen(services.mongo.server, fault),
  'mongo-pause': ({ services }, fault) => paused(services.mongo.proxy, fault),
  'mongo-cut': ({ services }) => services.mongo.proxy.cut(),
  'mongo-cut-mid-frame': ({ services }, fault) => cutMidFrame(services.mongo.proxy, fault),
  'mongo-refuse': ({ services }, fault) => refused(services.mongo.proxy, fault),
  'redis-kill': ({ services }, fault) => killed(services.redis.server, fault),
  'redis-freeze': ({ services }, fault) => frozen(services.redis.server, fault),
  'redis-pause': ({ services }, fault) => paused(services.redis.proxy, fault),
  'redis-cut': ({ services }) => services.redis.proxy.cut(),
  'clients-cut': ({ clients }, { choice }) => {
    for (const connection of some(clients, choice)) connection.cut();
  },
  'clients-cut-mid-frame': ({ clients }, fault) => cutMidFrame(clients, fault),
  'clients-pause': async ({ clients }, fault) => {
    const chosen = some(clients, fault.choice);
    for (const connection of chosen) connection.pause();
    await pause(fault.durationMs);
    // some networks come back as if nothing had been, others do not
    for (const [index, connection] of chosen.entries())
      if (index % 2 === 0) connection.resume();
      else connection.cut();
  },
  'clients-delay': async ({ clients }, fault) => {
    const chosen = some(clients, fault.choice);
    for (const connection of chosen) connection.delay(50 + fault.choice * 400);
    await pause(fault.durationMs);
    for (const connection of chosen) connection.delay(0);
  },
};

function resourceOf({ kind, choice }: PlannedFault, nodes: number): string | undefined {
  if (kind.startsWith('clients')) return undefined;
  return kind.startsWith('node') ? `node-${Math.floor(choice * nodes)}` : kind.slice(0, kind.indexOf('-'));
}

/** Does what was planned; resolves when all of it is over. Gives what was done, by kind. A victim that is still busy with one fault is spared the next. */
export async function inflictAll(
  victims: Victims,
  plan: readonly PlannedFault[],
  onFault: (fault: PlannedFault) => void,
): Promise<Readonly<Partial<Record<FaultKind, number>>>> {
  const counts: Partial<Record<FaultKind, number>> = {};
  const busy = new Set<string>();
  const running: Promise<void>[] = [];
  const startedMs = performance.now();
  for (const fault of plan) {
    await pause(Math.max(0, fault.atMs - (performance.now() - startedMs)));
    const resource = resourceOf(fault, victims.nodes.length);
    if (resource !== undefined && busy.has(resource)) continue;
    if (resource !== undefined) busy.add(resource);
    counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
    onFault(fault);
    running.push(
      (async () => {
        await inflictions[fault.kind](victims, fault);
        if (resource !== undefined) busy.delete(resource);
      })(),
    );
  }
  await Promise.all(running);
  return counts;
}
