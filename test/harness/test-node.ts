import { createHash } from 'node:crypto';
import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { isGone } from '../../channels/catalog/document.ts';
import type { Policy } from '../../channels/policy/policy.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { FindQuery } from '../../channels/ports/document-store.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { compileFilter } from '../../channels/subscription/compile-filter.ts';
import { createOutlet } from '../../server/delivery/outlet/outlet.ts';
import { outletMetrics } from '../../server/delivery/outlet/outlet-metrics.ts';
import { createSocketSink } from '../../server/delivery/outlet/socket-sink.ts';
import { Gateway } from '../../server/delivery/tick/gateway.ts';
import { MatchBudget } from '../../server/delivery/tick/match-budget.ts';
import { RoomRegistry } from '../../server/delivery/tick/room-registry.ts';
import { createMetrics, type Metrics } from '../../server/observability/metrics.ts';
import { CatchUp } from '../../server/delivery/join/catch-up.ts';
import { CurrentPolicy } from '../../server/policy/current-policy.ts';
import { createSeals, type Seals } from '../../server/delivery/join/seals.ts';
import { ConnectGate } from '../../server/limits/connect-gate.ts';
import { ConnectionLimits } from '../../server/limits/connection-limits.ts';
import { createSealer } from '../../server/sealing/sealer.ts';
import { PrincipalBudgets } from '../../server/limits/principal-budgets.ts';
import type { SessionFeature } from '../../server/part/session-feature.ts';
import { Revocations } from '../../server/control/revocations.ts';
import { SessionRegistry, type SessionRegistryOptions } from '../../server/session/session-registry.ts';
import { packetOf } from '../../server/transport/packet.ts';
import { FakeConnection } from './fake-connection.ts';
import { silentLogger, noneIsNewer } from './silence.ts';
import { testTurns } from './test-turns.ts';

/** Documents in a map, with as much of a store as gateways and sessions use. */
export class MemoryDocuments {
  readonly documents = new Map<string, CatalogDocument>();
  /** Every call rejects, as if the store were away. */
  failing = false;
  /** Called with each read of single documents, which waits for it: a store that takes its time. */
  onRead: () => Promise<void> | undefined = () => undefined;
  /** The same for queries. */
  onFind: () => Promise<void> | undefined = () => undefined;

  put(document: CatalogDocument): void {
    this.documents.set(`${document.tenant}|${document.urn}`, document);
  }

  /** From now on reads of single documents wait for `release`; `begun` resolves with the first. */
  holdReads(): { readonly begun: Promise<void>; readonly release: () => void } {
    let begin = (): void => undefined;
    let release = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    this.onRead = () => (begin(), released);
    return { begun, release };
  }

  get store(): CatalogStore {
    return {
      getMany: async (keys: readonly { readonly tenant: string; readonly urn: string }[]) => {
        this.#reach();
        await this.onRead();
        return keys.map(({ tenant, urn }) => this.documents.get(`${tenant}|${urn}`));
      },
      tenants: async () => {
        this.#reach();
        return [...new Set([...this.documents.values()].map(({ tenant }) => tenant))];
      },
      find: async ({ tenant, filter, afterUrn = '', limit }: FindQuery) => {
        this.#reach();
        await this.onFind();
        const matches = compileFilter(filter);
        const found = [...this.documents.values()]
          .filter((each) => each.tenant === tenant && each.urn > afterUrn && !isGone(each) && matches(each.head))
          .toSorted((one, other) => (one.urn < other.urn ? -1 : 1));
        const documents = found.slice(0, limit);
        return { documents, next: found.length > limit ? documents.at(-1)?.urn : undefined };
      },
    } as unknown as CatalogStore;
  }

  #reach(): void {
    if (this.failing) throw new HubError('storage-unavailable', 'the store is away');
  }
}

export interface TestNodeOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly documents: MemoryDocuments;
  readonly policy: Policy;
  readonly now?: () => number;
  readonly secrets?: readonly [string, ...string[]];
  readonly ringMaxBytes?: number;
  readonly ringMaxAgeMs?: number;
  readonly maxReplayEvents?: number;
  readonly maxViewEntities?: number;
  readonly replayMemoryBytes?: number;
  /** @default 0 */
  readonly journalWaitMs?: number;
  readonly sessions?: Partial<SessionRegistryOptions>;
  readonly features?: () => readonly SessionFeature[];
}

/** Gateway and sessions of one node on fake connections; several may share a log, a journal and documents. */
export interface TestNode {
  readonly gateway: Gateway;
  readonly rooms: RoomRegistry;
  readonly seals: Seals;
  readonly sessions: SessionRegistry;
  readonly metrics: Metrics;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A client connects; `auth` is its CONNECT payload, the token a principal as JSON. */
  connect(auth?: object, principal?: object, id?: string): Promise<FakeConnection>;
}

/** A token is the principal as JSON; the real one is tested beside the verifier. */
async function verify(token: unknown): ReturnType<SessionRegistryOptions['verify']> {
  if (token === 'bad') throw new HubError('unauthenticated', 'token: bad');
  const principal = { tenant: 'acme', sub: 'ada', roles: ['all'], claims: {}, expiresAtMs: Date.now() + 60_000 };
  return { ...principal, ...(JSON.parse(String(token)) as object) };
}

export function createTestNode(options: TestNodeOptions): TestNode {
  const { log, journal, documents, policy, now = Date.now, secrets = ['test-secret'], features = () => [] } = options;
  const [store, clock, metrics] = [documents.store, { now, elapsedMs: now }, createMetrics()];
  const connections = new Map<string, FakeConnection>();
  const rooms = new RoomRegistry((...parts) => createHash('sha256').update(parts.join('|')).digest('base64url'));
  const seals = createSeals(createSealer(secrets));
  const wireId = (event: { readonly subject: string; readonly data: { readonly version: number } }): string =>
    `${event.subject}@${event.data.version}`;
  const toAll = (packet: string, isMember: (connection: FakeConnection) => boolean): void => {
    for (const connection of connections.values()) if (isMember(connection)) connection.sendPacket(packetOf(packet));
  };
  const outlet = createOutlet([outletMetrics(metrics)]);
  const common = { log, store, journal, metrics, logger: silentLogger, wireId, outlet };
  const gateway = new Gateway({
    ...common,
    clock,
    rooms,
    ringMaxBytes: options.ringMaxBytes ?? 1e8,
    ringMaxAgeMs: options.ringMaxAgeMs ?? 60_000,
    maxBufferedBytes: 1_048_576,
    pending: () => undefined,
    sealCursor: (cursor) => seals.cursor(cursor),
    sink: createSocketSink((room, packet) => toAll(packet, (connection) => connection.rooms.has(room))),
    publishAll: (packet) => toAll(packet, () => true),
    publishTo: (tenant, packet) => sessions.publishTo(tenant, packet),
    onLogState: () => undefined,
    onDelivered: (events) => features().forEach((feature) => feature.delivered?.(events)),
    onLost: () => features().forEach((feature) => feature.lost?.()),
    onNewer: noneIsNewer,
  });
  const catchUp = new CatchUp({
    ...common,
    gateway,
    seals,
    maxReplayEvents: options.maxReplayEvents ?? 10_000,
    maxViewEntities: options.maxViewEntities ?? 20_000,
    replayMemoryBytes: options.replayMemoryBytes ?? 268_435_456,
    stopwatch: clock,
    turns: testTurns(),
    journalWaitMs: options.journalWaitMs ?? 0,
  });
  const sessions = new SessionRegistry({
    node: 'n1',
    policy: new CurrentPolicy(policy),
    verify,
    rooms,
    matchBudget: new MatchBudget({ perPrincipal: 1e6, perTenant: 1e6 }),
    catchUp,
    seals,
    outlet,
    metrics,
    clock,
    bus: createInProcessControlBus(),
    logger: silentLogger,
    gate: new ConnectGate({ ratePerSecond: 1000, stopwatch: clock, random: () => 0 }),
    budgets: new PrincipalBudgets({
      ...{ inboundBytesPerSecond: 1e9, inboundBurstBytes: 1e9, messagesPerSecond: 1000 },
      ...{ connectsPerSecond: 1000, connectsBurst: 1000, stopwatch: clock },
    }),
    limits: new ConnectionLimits({ perNode: 1000, perAddress: 1000, perPrincipal: 1000 }),
    maxSubscriptions: 100,
    messagesPerSecond: 1000,
    revocations: new Revocations(clock),
    pending: () => undefined,
    outages: { current: [] },
    features,
    ...options.sessions,
  });
  let connected = 0;
  return {
    gateway,
    rooms,
    seals,
    sessions,
    metrics,
    start: () => gateway.start(),
    stop: async () => {
      catchUp.stop();
      await gateway.stop();
    },
    connect: async (auth = {}, principal = {}, id = `c${++connected}`) => {
      const connection = new FakeConnection(id);
      const admitted = await sessions.admit({
        auth: { token: JSON.stringify(principal), protocol: 1, client: 'test', ...auth },
        address: connection.address,
      });
      connections.set(id, connection);
      connection.onClose(() => connections.delete(id));
      sessions.open(connection, admitted);
      return connection;
    },
  };
}
