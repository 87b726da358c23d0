import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { deadLetterRoutes } from '../api/dead-letter-routes.ts';
import { documentRoutes } from '../api/document-routes.ts';
import { healthRoutes } from '../api/health-routes.ts';
import { ingestRoutes } from '../api/ingest-routes.ts';
import { createRouter, type Route } from '../api/router.ts';
import { sessionRoutes } from '../api/session-routes.ts';
import type { ConnectorConfig, HubFile } from '../config/hub-file.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import { Gateway } from '../gateway/gateway.ts';
import { RoomRegistry } from '../gateway/room-registry.ts';
import type { Connector } from '../ingest/connector.ts';
import { ConnectorRunner } from '../ingest/connector-runner.ts';
import { Intake } from '../ingest/intake.ts';
import { Publisher } from '../ingest/publisher.ts';
import type { HealthSource } from '../observability/health.ts';
import type { Logger } from '../observability/logger.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { ConnectionLimits } from '../security/connection-limits.ts';
import { createOpaqueIds } from '../security/opaque-ids.ts';
import { createOriginCheck } from '../security/origin-check.ts';
import { createTokenVerifier, type TokenVerifier } from '../security/token-verifier.ts';
import { type Admitted, SessionRegistry } from '../session/session-registry.ts';
import { loadUws } from '../transport/load-uws.ts';
import { createTransport } from '../transport/socket-io-transport.ts';
import type { Transport } from '../transport/transport.ts';
import { Housekeeping } from '../worker/housekeeping.ts';
import type { Component } from './components.ts';
import type { HubAdapters } from './hub-adapters.ts';

export interface HubOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly file: HubFile;
  readonly adapters: HubAdapters;
  readonly components: ReadonlySet<Component>;
  readonly node: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** One running node. */
export interface Hub {
  readonly url: string;
  /** Stops taking in, lets what is committed reach the log, tells the sessions, closes everything. */
  stop(): Promise<void>;
}

const disconnectTopic = 'disconnect';

function verifierOf(settings: Settings, secrets: Secrets): TokenVerifier {
  const { jwtIssuer: issuer, jwtAudience: audience, jwksUrl, jwtPublicKeyFile } = settings;
  if (jwksUrl !== undefined) return createTokenVerifier({ issuer, audience, key: { jwksUrl } });
  if (jwtPublicKeyFile !== undefined)
    return createTokenVerifier({ issuer, audience, key: { publicKeyFile: jwtPublicKeyFile } });
  return createTokenVerifier({ issuer, audience, key: { secret: secrets.jwtSecret ?? '' } });
}

function connectorsOf(file: HubFile, adapters: HubAdapters): ReadonlyMap<string, Connector> {
  const entries = file.connectors.map((config: ConnectorConfig): [string, Connector] => {
    const { id, tenant, namespace, writes, scheme, source, format, topic } = config;
    return [
      id,
      {
        profile: { id, tenant, namespace, writes, scheme: scheme ?? id, ...(source === undefined ? {} : { source }) },
        format: adapters.formatOf(config),
        system: format,
        topic,
      },
    ];
  });
  return new Map(entries);
}

async function chooseEngine(settings: Settings, logger: Logger): Promise<Awaited<ReturnType<typeof loadUws>>> {
  if (settings.wsEngine === 'ws') return undefined;
  const uws = await loadUws(settings.uwsModule);
  if (uws === undefined && settings.wsEngine === 'uws') {
    throw new HubError(
      'config-invalid',
      'PURSIGHT_WS_ENGINE: uWebSockets.js has no binary that loads here; set PURSIGHT_UWS_MODULE to a build for this platform, or use ws',
    );
  }
  if (uws === undefined) logger.warn({}, 'uWebSockets.js does not load on this machine; the slower ws engine is used');
  return uws;
}

/** Everything of one node, wired. What is not among the components is built but not started. */
class HubNode implements Hub {
  readonly #options: HubOptions;
  readonly #metrics: Metrics = createMetrics();
  readonly #rooms: RoomRegistry;
  readonly #gateway: Gateway;
  readonly #sessions: SessionRegistry;
  readonly #publisher: Publisher;
  readonly #runners: readonly ConnectorRunner[];
  readonly #housekeeping: Housekeeping;
  readonly #transport: Transport;
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #port = 0;

  constructor(options: HubOptions, uws: Awaited<ReturnType<typeof loadUws>>) {
    this.#options = options;
    const { settings, secrets, adapters, file, clock, logger } = options;
    const { store, log, bus } = adapters;
    const metrics = this.#metrics;
    const ids = createOpaqueIds(secrets.secret);
    const verify = verifierOf(settings, secrets);
    const connectors = connectorsOf(file, adapters);
    this.#rooms = new RoomRegistry((tenant, selection, policyClass) => ids.room(tenant, selection, policyClass));
    this.#gateway = new Gateway({
      log,
      store,
      clock,
      metrics,
      logger,
      rooms: this.#rooms,
      ringMaxBytes: settings.ringMaxBytes,
      ringMaxAgeMs: settings.ringMaxAgeMs,
      maxBufferedBytes: settings.maxBufferedBytes,
      wireId: (event) => ids.event(event, file.policy.version),
      publish: (room, packet) => this.#transport.publish(room, packet),
      notify: (code, message) => this.#transport.publishAll(`2${JSON.stringify(['notice', { code, message }])}`),
    });
    this.#sessions = this.#createSessions(verify);
    this.#publisher = new Publisher({ store, log, clock, logger, metrics });
    const intake = new Intake({
      store,
      publisher: this.#publisher,
      clock,
      metrics,
      messageIdWindowMs: settings.messageIdWindowMs,
    });
    this.#runners = this.#createRunners(connectors, intake);
    this.#housekeeping = new Housekeeping({ store, clock, logger, metrics, splitWindowMs: settings.splitWindowMs });
    const routes = this.#routes(connectors, intake);
    this.#transport = createTransport(
      {
        host: settings.host,
        port: settings.port,
        maxMessageBytes: settings.maxMessageBytes,
        maxBufferedBytes: settings.maxBufferedBytes,
        trustProxy: settings.trustProxy,
        socketAdapter: bus.socketAdapter,
        admit: this.#admission(),
        authenticate: (handshake) => this.#sessions.admit(handshake),
        onConnection: (connection, admitted) => this.#sessions.open(connection, admitted as Admitted),
        onHttp: createRouter({ routes, verify, onError: (error) => this.#onHttpError(error) }),
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
    if (components.has('gateway')) await this.#gateway.start();
    if (components.has('ingest') || components.has('api')) this.#publisher.start();
    if (components.has('ingest')) await Promise.all(this.#runners.map((runner) => runner.start()));
    if (components.has('worker')) this.#housekeeping.start();
    this.#port = await this.#transport.listen();
    this.#phase = 'running';
    logger.info({ url: this.url, engine: this.#transport.engine, components: [...components] }, 'hub ready');
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopping') return;
    this.#phase = 'stopping';
    this.#transport.stopListening();
    await Promise.all(this.#runners.map((runner) => runner.stop()));
    await this.#housekeeping.stop();
    await this.#publisher.stop();
    await this.#gateway.stop();
    this.#sessions.endAll(new HubError('shutting-down', 'this node is stopping; reconnect', { retryAfterMs: 500 }));
    await this.#transport.close();
    await this.#options.adapters.close();
  }

  #createSessions(verify: TokenVerifier): SessionRegistry {
    const { settings, file, adapters, clock, logger, node } = this.#options;
    return new SessionRegistry({
      node,
      verify,
      clock,
      logger,
      policy: file.policy,
      rooms: this.#rooms,
      bus: adapters.bus,
      metrics: this.#metrics,
      limits: new ConnectionLimits({
        perNode: settings.maxConnections,
        perAddress: settings.maxConnectionsPerAddress,
        perPrincipal: settings.maxConnectionsPerPrincipal,
      }),
      maxSubscriptions: settings.maxSubscriptions,
      messagesPerSecond: settings.subscribeRate,
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
    const { settings, file, adapters, components } = this.#options;
    const { policy } = file;
    const health = healthRoutes(this.#healthSource(), this.#metrics, () => this.#refreshGauges());
    if (!components.has('api')) return health;
    return [
      ...health,
      ...ingestRoutes({
        connectors,
        policy,
        intake,
        readBaseline: adapters.readBaseline,
        maxBodyBytes: settings.maxBodyBytes,
      }),
      ...deadLetterRoutes({ store: adapters.store, connectors, policy, intake }),
      ...documentRoutes({ store: adapters.store, policy }),
      ...sessionRoutes({
        policy,
        bus: adapters.bus,
        disconnectHere: (tenant, id) => this.#sessions.disconnect(tenant, id),
        disconnectElsewhere: async (tenant, id) =>
          (await this.#transport.askPeers(disconnectTopic, { tenant, id })).some(
            (answer) => (answer as { disconnected?: unknown }).disconnected === true,
          ),
      }),
    ];
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
      logFresh: () => !components.has('gateway') || this.#gateway.fresh,
    };
  }

  #admission(): (request: { readonly origin: string | undefined }) => string | undefined {
    const { settings, components } = this.#options;
    const origins = createOriginCheck({
      allowed: settings.allowedOrigins,
      allowLoopback: settings.env === 'development',
    });
    return ({ origin }) => {
      if (!components.has('gateway')) return 'not-ready: this node is not a gateway';
      const refusal = this.#phase === 'running' ? origins(origin) : 'not-ready: this node is starting or stopping';
      if (refusal !== undefined) this.#metrics.refusals.inc({ code: refusal.slice(0, refusal.indexOf(':')) });
      return refusal;
    };
  }

  #onPeerRequest(topic: string, payload: unknown): object {
    const { tenant, id } = payload as { readonly tenant?: unknown; readonly id?: unknown };
    const known = topic === disconnectTopic && typeof tenant === 'string' && typeof id === 'string';
    return { disconnected: known && this.#sessions.disconnect(tenant, id) };
  }

  #onSlowConsumer(connection: string): void {
    this.#metrics.slowConsumers.inc();
    this.#sessions.closedAsSlow(connection);
    this.#options.logger.info({ connection }, 'a connection read too slowly and was closed');
  }

  #onHttpError(error: HubError): void {
    this.#metrics.refusals.inc({ code: error.code });
    if (error.code === 'internal' || error.code === 'storage-unavailable')
      this.#options.logger.error({ error }, 'a request failed');
  }

  #refreshGauges(): void {
    const metrics = this.#metrics;
    metrics.connections.set(this.#sessions.size);
    metrics.subscriptions.set(this.#sessions.subscriptionCount);
    metrics.rooms.set(this.#rooms.roomCount);
    metrics.outboxRows.set(this.#publisher.queued);
    metrics.ringBytes.set(this.#gateway.ringBytes);
    metrics.busUp.set(this.#options.adapters.bus.state() === 'up' ? 1 : 0);
  }
}

/** Starts a node. @throws HubError config-invalid, storage-unavailable */
export async function startHub(options: HubOptions): Promise<Hub> {
  const node = new HubNode(options, await chooseEngine(options.settings, options.logger));
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.stop().catch(() => undefined);
    throw error;
  }
}
