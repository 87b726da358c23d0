import { isJsonObject } from '../../channels/event/json.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { withCors } from '../api/cors.ts';
import { healthRoutes } from '../api/health-routes.ts';
import { createRouter, type Route } from '../api/router.ts';
import type { HubFile } from '../config/hub-file.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import { LogLag } from '../gateway/log-lag.ts';
import type { Connector } from '../ingest/connector.ts';
import { ConnectorRunner } from '../ingest/connector-runner.ts';
import { Intake } from '../ingest/intake.ts';
import { Publisher } from '../ingest/publisher.ts';
import { dependenciesOf, type HealthSource } from '../observability/health.ts';
import type { Logger } from '../observability/logger.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import type { ProgressWatch } from '../observability/progress-watch.ts';
import { ConnectGate } from '../security/connect-gate.ts';
import { ConnectionLimits } from '../security/connection-limits.ts';
import { firstIdKey } from '../security/opaque-ids.ts';
import { inboundOf, principalBudgets } from './budgets-of.ts';
import { createOriginCheck } from '../security/origin-check.ts';
import type { TokenVerifier } from '../security/token-verifier.ts';
import { OutageNotices } from '../session/outage-notices.ts';
import { type Admitted, SessionRegistry } from '../session/session-registry.ts';
import { chooseEngine } from '../transport/choose-engine.ts';
import type { loadUws } from '../transport/load-uws.ts';
import { createTransport } from '../transport/socket-io-transport.ts';
import type { Transport } from '../transport/transport.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import { type Access, createAccess } from './access.ts';
import { createAdmission } from './admission.ts';
import type { Component } from './components.ts';
import { connectorsOf } from './connectors-of.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { refreshGauges } from './gauges.ts';
import type { HubAdapters } from './hub-adapters.ts';
import { createProgressWatch, watchControl, watchGateway } from './progress-of.ts';
import { apiRoutes, disconnectTopic } from './routes-of.ts';

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
}

/** One running node. */
export interface Hub {
  readonly url: string;
  /** Stops taking in, lets what is committed reach the log, tells the sessions, closes everything. */
  stop(): Promise<void>;
}

/** How long a stopping node waits for HTTP requests that it is answering. */
const answerMs = 5000;

/** Everything of one node, wired. What is not among the components is built but not started. */
class HubNode implements Hub {
  readonly #options: HubOptions;
  readonly #metrics: Metrics = createMetrics();
  readonly #delivery: Delivery;
  readonly #logLag: LogLag;
  readonly #access: Access;
  readonly #outages: OutageNotices;
  readonly #limits: ConnectionLimits;
  readonly #refusalOfOrigin: ReturnType<typeof createOriginCheck>;
  readonly #sessions: SessionRegistry;
  readonly #publisher: Publisher;
  readonly #runners: readonly ConnectorRunner[];
  readonly #worker: Worker;
  readonly #transport: Transport;
  readonly #progress: ProgressWatch;
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #port = 0;

  constructor(options: HubOptions, uws: Awaited<ReturnType<typeof loadUws>>, idKey: string) {
    this.#options = options;
    const { settings, adapters, file, clock, logger, turns } = options;
    const { store, log, mode } = adapters;
    const metrics = this.#metrics;
    this.#progress = createProgressWatch(options, metrics);
    this.#access = createAccess(options, metrics, () => this.#sessions.endRevoked());
    const { verify } = this.#access;
    const connectors = connectorsOf(file, adapters);
    this.#outages = new OutageNotices({
      look: () => dependenciesOf(this.#healthSource()),
      publishAll: (packet) => this.#transport.publishAll(packet),
      stopwatch: clock,
    });
    this.#delivery = createDelivery({
      hub: options,
      metrics,
      idKey,
      pending: this.#access.pending,
      publish: (room, packet) => this.#transport.publish(room, packet),
      publishAll: (packet) => this.#transport.publishAll(packet),
      publishTo: (tenant, packet) => this.#sessions.publishTo(tenant, packet),
      onLogState: (state) => this.#outages.tell('log', state),
    });
    this.#logLag = new LogLag({ log, position: () => this.#delivery.gateway.position, metrics, logger });
    this.#refusalOfOrigin = createOriginCheck({
      allowed: settings.allowedOrigins,
      allowLoopback: settings.env === 'development',
    });
    this.#limits = new ConnectionLimits({
      perNode: settings.maxConnections,
      perAddress: settings.maxConnectionsPerAddress,
      perPrincipal: settings.maxConnectionsPerPrincipal,
    });
    this.#sessions = this.#createSessions(verify);
    this.#publisher = new Publisher({ store, log, clock, alone: mode === 'embedded', logger, metrics });
    const { messageIdWindowMs } = settings;
    const intake = new Intake({ store, publisher: this.#publisher, clock, metrics, messageIdWindowMs, turns, mode });
    this.#runners = this.#createRunners(connectors, intake);
    this.#worker = createWorker({ settings, adapters, node: options.node, clock, logger, metrics });
    for (const part of [this.#publisher, ...this.#runners, this.#worker]) this.#progress.add(part.watched);
    this.#transport = this.#createTransport(this.#routes(connectors, intake), uws);
  }

  #createTransport(routes: readonly Route[], uws: Awaited<ReturnType<typeof loadUws>>): Transport {
    const { settings, adapters, clock, logger, components } = this.#options;
    return createTransport(
      {
        host: settings.host,
        port: settings.port,
        maxMessageBytes: settings.maxMessageBytes,
        maxBufferedBytes: settings.maxBufferedBytes,
        trustedProxies: settings.trustedProxies,
        inbound: { ...inboundOf(settings), stopwatch: clock },
        onSocket: (address) => this.#limits.take(address),
        onSocketGone: (address) => this.#limits.release(address),
        socketAdapter: adapters.bus.socketAdapter,
        admit: createAdmission({
          isGateway: components.has('gateway'),
          isRunning: () => this.#phase === 'running',
          refusalOfOrigin: this.#refusalOfOrigin,
          limits: this.#limits,
          metrics: this.#metrics,
        }),
        authenticate: (handshake) => this.#sessions.admit(handshake),
        onConnection: (connection, admitted) => this.#sessions.open(connection, admitted as Admitted),
        onHttp: withCors(
          createRouter({ routes, verify: this.#access.verify, onError: (error) => this.#onHttpError(error) }),
          this.#refusalOfOrigin,
        ),
        onFault: (error) => logger.error({ error }, 'a connection could not be served and was closed'),
        onFlood: (connection) => this.#onFlood(connection),
        onSlowConsumer: (connection) => this.#onSlowConsumer(connection),
        onPeerRequest: (topic, payload) => this.#onPeerRequest(topic, payload),
      },
      uws,
    );
  }

  get url(): string {
    return `http://${this.#options.settings.host}:${this.#port}`;
  }

  /** Resolves when the node really serves. */
  async start(): Promise<void> {
    const { components, logger } = this.#options;
    this.#metrics.engine.set({ engine: this.#transport.engine }, 1);
    await this.#access.start();
    if (components.has('gateway')) {
      await this.#delivery.gateway.start();
      this.#logLag.start();
      watchGateway(this.#progress, this.#delivery.gateway, this.#logLag);
      watchControl(this.#progress, this.#access.pending);
      this.#outages.start();
    }
    if (components.has('ingest') || components.has('api')) this.#publisher.start();
    if (components.has('ingest')) await Promise.all(this.#runners.map((runner) => runner.start()));
    if (components.has('worker')) this.#worker.start();
    this.#port = await this.#transport.listen();
    this.#progress.start();
    this.#phase = 'running';
    logger.info({ url: this.url, engine: this.#transport.engine, components: [...components] }, 'hub ready');
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopping') return;
    const wasRunning = this.#phase === 'running';
    this.#phase = 'stopping';
    this.#progress.stop();
    this.#transport.stopListening();
    await Promise.all(this.#runners.map((runner) => runner.stop()));
    // an embedded hub has no other node to which anybody could move
    if (wasRunning && this.#options.adapters.mode === 'cluster')
      await this.#sessions.drain(this.#options.settings.drainMs);
    await this.#transport.answered(answerMs);
    await this.#worker.stop();
    await this.#publisher.stop();
    await this.#logLag.stop();
    await this.#outages.stop();
    await this.#delivery.gateway.stop();
    this.#delivery.catchUp.stop();
    await this.#access.stop();
    this.#sessions.endAll(new HubError('shutting-down', 'this node is stopping; reconnect', { retryAfterMs: 500 }));
    await this.#transport.close();
    await this.#options.adapters.close();
  }

  #createSessions(verify: TokenVerifier): SessionRegistry {
    const { settings, file, adapters, clock, logger, node } = this.#options;
    const { rooms, matchBudget, catchUp, seals, outlet } = this.#delivery;
    return new SessionRegistry({
      node,
      verify,
      clock,
      logger,
      policy: file.policy,
      rooms,
      matchBudget,
      catchUp,
      seals,
      outlet,
      bus: adapters.bus,
      metrics: this.#metrics,
      gate: new ConnectGate({ ratePerSecond: settings.connectRate, stopwatch: clock, random: Math.random }),
      limits: this.#limits,
      budgets: principalBudgets(settings, clock),
      maxSubscriptions: settings.maxSubscriptions,
      messagesPerSecond: settings.subscribeRate,
      revocations: this.#access.feed.revocations,
      pending: this.#access.pending,
      outages: this.#outages,
    });
  }

  #createRunners(connectors: ReadonlyMap<string, Connector>, intake: Intake): readonly ConnectorRunner[] {
    const { file, adapters, logger, components } = this.#options;
    if (!components.has('ingest')) return [];
    return file.connectors.flatMap((config) => {
      const connector = connectors.get(config.id);
      const source = adapters.sourceOf(config);
      return connector === undefined || source === undefined
        ? []
        : [new ConnectorRunner({ connector, source, intake, store: adapters.store, logger, metrics: this.#metrics })];
    });
  }

  #routes(connectors: ReadonlyMap<string, Connector>, intake: Intake): readonly Route[] {
    const hub = this.#options;
    const health = healthRoutes(this.#healthSource(), this.#metrics, () => this.#refreshGauges());
    if (!hub.components.has('api')) return health;
    const { feed } = this.#access;
    const parts = { hub, connectors, intake, feed, delivery: this.#delivery, sessions: this.#sessions };
    return [...health, ...apiRoutes({ ...parts, metrics: this.#metrics, transport: () => this.#transport })];
  }

  #healthSource(): HealthSource {
    const { node, adapters, components } = this.#options;
    const transport = (): Transport => this.#transport;
    return {
      node,
      mode: adapters.mode,
      get engine() {
        return transport().engine;
      },
      components: [...components],
      store: adapters.store,
      bus: adapters.bus,
      phase: () => this.#phase,
      logFresh: () => !components.has('gateway') || this.#delivery.gateway.fresh,
      stalled: () => this.#progress.stalled,
    };
  }

  #onPeerRequest(topic: string, payload: unknown): object {
    const { tenant, id } = isJsonObject(payload) ? payload : {};
    const known = topic === disconnectTopic && typeof tenant === 'string' && typeof id === 'string';
    return { disconnected: known && this.#sessions.disconnect(tenant, id) };
  }

  #onSlowConsumer(connection: string): void {
    this.#metrics.slowConsumers.inc();
    this.#sessions.closedAsSlow(connection);
    this.#options.logger.info({ connection }, 'a connection read too slowly and was closed');
  }

  #onFlood(connection: string): void {
    this.#metrics.refusals.inc({ code: 'rate-limited' });
    this.#sessions.closedAsFlood(connection);
    this.#options.logger.info({ connection }, 'a connection sent more than it may and was closed');
  }

  #onHttpError(error: HubError): void {
    this.#metrics.refusals.inc({ code: error.code });
    if (error.code === 'internal' || error.code === 'storage-unavailable')
      this.#options.logger.error({ error }, 'a request failed');
  }

  #refreshGauges(): void {
    refreshGauges({
      metrics: this.#metrics,
      sessions: this.#sessions,
      limits: this.#limits,
      delivery: this.#delivery,
      mappedBytes: this.#options.adapters.mappedBytes,
    });
  }
}

/** Starts a node. @throws HubError config-invalid, storage-unavailable */
export async function startHub(options: HubOptions): Promise<Hub> {
  const uws = await chooseEngine(options.settings, options.logger);
  const idKey = await options.adapters.store.putMetaIfAbsent('opaque-ids', firstIdKey(options.secrets.secret));
  const node = new HubNode(options, uws, idKey);
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.stop().catch(() => undefined);
    throw error;
  }
}
