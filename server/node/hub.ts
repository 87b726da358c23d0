import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { HubFile } from '../config/hub-file.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import { createOutlet } from '../delivery/outlet/outlet.ts';
import { outletMetrics } from '../delivery/outlet/outlet-metrics.ts';
import { connectorsOf } from '../ingest/connectors-of.ts';
import type { Logger } from '../observability/logger.ts';
import type { DamagedRecords } from '../observability/damaged-records.ts';
import { createMetrics } from '../observability/metrics.ts';
import { basePathOf } from '../http/base-path.ts';
import { LateOutbound } from '../part/outbound.ts';
import type { Part } from '../part/part.ts';
import { createOpaqueIds, firstIdKey, type OpaqueIds } from '../sealing/opaque-ids.ts';
import { declareForms } from './known-forms.ts';
import { CurrentPolicy } from '../policy/current-policy.ts';
import { chooseEngine } from '../transport/choose-engine.ts';
import type { Transport } from '../transport/transport.ts';
import type { Component } from './components.ts';
import { faultLog } from './fault-log.ts';
import type { HubAdapters } from './hub-adapters.ts';
import { makeParts } from './make-parts.ts';
import type { NodeBase } from './node-context.ts';
import { nodeRoutes } from './node-routes.ts';
import { NodeStatus } from './node-status.ts';
import { createNodeTransport } from './node-transport.ts';

export interface HubOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly file: HubFile;
  readonly adapters: HubAdapters;
  readonly components: ReadonlySet<Component>;
  readonly node: string;
  readonly logger: Logger;
  readonly clock: Clock & Stopwatch;
  /** The same that the adapters ask. */
  readonly turns: Turns;
  /** A newer release writes here, and this node cannot read it: it has to stop. May be called more than once. */
  readonly onNewer: (error: NewerForm) => void;
  /** What the adapters report of stored records. */
  readonly damaged?: DamagedRecords;
}

/** One running node. */
export interface Hub {
  readonly url: string;
  /** Stops ingesting, lets what is committed reach the log, tells the sessions, closes everything. */
  stop(): Promise<void>;
}

interface Pieces {
  readonly adapters: Pick<HubAdapters, 'close'>;
  readonly parts: readonly Part[];
  readonly status: NodeStatus;
  readonly transport: Transport;
  readonly host: string;
}

/** How long a stopping node waits for HTTP requests that it is answering. */
const answerMs = 5000;

/** The order in which a node starts and stops. */
class HubNode implements Hub {
  readonly #pieces: Pieces;
  #port = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  get url(): string {
    return `http://${this.#pieces.host}:${this.#port}`;
  }

  /** Resolves when the node really serves. */
  async start(): Promise<void> {
    const { parts, status, transport } = this.#pieces;
    for (const part of parts) await part.start?.();
    this.#port = await transport.listen();
    status.watch();
    status.phase = 'running';
  }

  async stop(): Promise<void> {
    const { adapters, parts, status, transport } = this.#pieces;
    if (status.phase === 'stopping') return;
    status.phase = 'stopping';
    status.endWatching();
    transport.stopListening();
    const lastFirst = parts.toReversed();
    for (const part of lastFirst) await part.leave?.();
    await transport.answered(answerMs);
    for (const part of lastFirst) await part.stop?.();
    await transport.close();
    await adapters.close();
  }
}

/** What the parts of this node can have. */
async function baseOf(
  options: HubOptions,
  made: Pick<NodeBase, 'metrics' | 'outbound' | 'outlet' | 'ids' | 'dependencies'>,
): Promise<NodeBase> {
  const { settings, secrets, file, adapters, node, logger, clock, turns, onNewer } = options;
  const { mode, store, log, journal, leases, bus, control, search } = adapters;
  const configs = new Map(file.connectors.map((config) => [config.id, config]));
  return {
    ...{ settings, secrets, node, logger, clock, turns, onNewer },
    ...made,
    ...{ mode, store, log, journal, leases, bus, control, search },
    policy: new CurrentPolicy(file.policy),
    connectors: await connectorsOf(file.connectors),
    sourceOf: (id) => {
      const config = configs.get(id);
      return config === undefined ? undefined : adapters.sourceOf(config);
    },
  };
}

/** The key of opaque ids is made once for a deployment. */
async function idsOf({ adapters, secrets }: HubOptions): Promise<OpaqueIds> {
  return createOpaqueIds(await adapters.store.putMetaIfAbsent('opaque-ids', firstIdKey(secrets.secret)));
}

/** Starts a node. @throws HubError config-invalid, storage-unavailable */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { settings, adapters, components, node, logger, clock } = options;
  const { mode, store, bus, mappedBytes } = adapters;
  const uws = await chooseEngine(settings, logger);
  const engine: 'ws' | 'uws' = uws === undefined ? 'ws' : 'uws';
  const metrics = createMetrics();
  options.damaged?.countWith((kind) => metrics.damagedRecords.inc({ kind }));
  const { stalledAfterMs } = settings;
  const common = { ...{ node, mode, engine, store, bus, clock, logger, metrics }, stalledAfterMs } as const;
  const status = new NodeStatus({ ...common, mappedBytes, components: [...components] });
  const outbound = new LateOutbound();
  await declareForms(store);
  const ids = await idsOf(options);
  const outlet = createOutlet([outletMetrics(metrics)]);
  const base = await baseOf(options, { metrics, outbound, outlet, ids, dependencies: () => status.dependencies() });
  const { parts, verify, clients } = await makeParts(components, base);
  status.ofParts(parts);
  const onFault = faultLog({ logger, metrics });
  const routes = nodeRoutes({
    status,
    metrics,
    parts,
    basePath: basePathOf(settings.publicUrl),
    verify,
    turns: options.turns,
    onFault,
  });
  const { socketAdapter } = bus;
  const isRunning = (): boolean => status.phase === 'running';
  const transport = createNodeTransport(
    {
      settings,
      routes,
      verify,
      policy: base.policy,
      clients,
      socketAdapter,
      isRunning,
      clock,
      logger,
      metrics,
      onFault,
    },
    uws,
  );
  outbound.connect(transport);
  metrics.engine.set({ engine }, 1);
  const hub = new HubNode({ adapters, parts, status, transport, host: settings.host });
  try {
    await hub.start();
    logger.info({ url: hub.url, engine, components: [...components] }, 'hub ready');
    return hub;
  } catch (error) {
    await hub.stop().catch(() => undefined);
    throw error;
  }
}
