import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { RevocationStore } from '../../channels/ports/revocation-store.ts';
import type { DeadLetterStore } from '../../channels/ports/dead-letter-store.ts';
import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Leases } from '../../channels/ports/lease.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Secrets } from '../config/secrets.ts';
import { createSealer } from '../sealing/sealer.ts';
import type { Settings } from '../config/settings.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { IntakePart } from '../ingest/intake-part.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { Outbound } from '../part/outbound.ts';
import type { Part } from '../part/part.ts';
import type { Access } from '../control/access.ts';
import { catalogRoutes } from '../catalog/catalog-routes.ts';
import { bulkRoutes } from '../catalog/jobs/bulk-routes.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { disconnectElsewhere } from '../session/disconnect-peers.ts';
import { createDashboard, type DashboardOptions } from '../dashboard/dashboard.ts';
import { connectorRoutes } from './connector-routes.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { documentRoutes } from './document-routes.ts';
import { ingestRoutes } from './ingest-routes.ts';
import { journalRoutes } from './journal-routes.ts';
import { logRoutes } from './log-routes.ts';
import { revocationRoutes } from './revocation-routes.ts';
import { sessionRoutes } from './session-routes.ts';

interface ApiPartOptions {
  readonly settings: Pick<
    Settings,
    'maxBodyBytes' | 'journalRetentionMs' | 'maxTokenLifetimeMs' | 'jobMaxBytes' | 'jobsMaxBytes'
  > &
    DashboardOptions['settings'];
  readonly secrets: DashboardOptions['secrets'] & Pick<Secrets, 'secret' | 'previousSecrets'>;
  readonly policy: CurrentPolicy;
  readonly store: DocumentStore &
    IntakeStore &
    DeadLetterStore &
    RevocationStore &
    MetaStore &
    Pick<CatalogStore, 'jobs'>;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly leases: Leases;
  readonly bus: ControlBus;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Undefined for a connector that reads no topic here. */
  readonly sourceOf: (connector: string) => ConnectorSource | undefined;
  readonly clock: Clock & Stopwatch;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly outlet: Outlet;
  readonly ids: OpaqueIds;
  readonly access: () => Access;
  readonly intake: () => IntakePart;
  /** The part with the connections of this process; undefined if there is none. */
  readonly clients: () => Clients | undefined;
  readonly outbound: Pick<Outbound, 'askPeers'>;
}

/** The component `api`: HTTP for operators, and for sources that send over HTTP. */
export function createApiPart(options: ApiPartOptions): Part {
  const { settings, store, journal, leases, log, clock, outbound, clients } = options;
  const { feed, assertGood } = options.access();
  const sealer = createSealer([options.secrets.secret, ...options.secrets.previousSecrets]);
  const { intake, commands } = options.intake();
  return {
    routes: [
      ...ingestRoutes({ ...options, intake, maxBodyBytes: settings.maxBodyBytes }),
      ...deadLetterRoutes({ ...options, intake }),
      ...connectorRoutes(options),
      ...createDashboard({ ...options, roles: options.policy.roleNames }),
      ...documentRoutes(options),
      ...catalogRoutes({ ...options, commands, sealer, assertGood }),
      ...bulkRoutes({
        ...{ ...options, commands, assertGood },
        jobLimits: { maxBytes: settings.jobMaxBytes, keptBytes: settings.jobsMaxBytes },
      }),
      ...journalRoutes({ log, journal, leases, retentionMs: settings.journalRetentionMs }),
      ...logRoutes({ log, stopwatch: clock, position: () => clients()?.position() }),
      ...revocationRoutes({ store, feed, clock, maxTokenLifetimeMs: settings.maxTokenLifetimeMs }),
      ...sessionRoutes({
        ...options,
        disconnectHere: (tenant, id) => clients()?.disconnect(tenant, id) === true,
        disconnectElsewhere: (tenant, id) => disconnectElsewhere(outbound, tenant, id),
      }),
    ],
  };
}
