import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Settings } from '../config/settings.ts';
import type { Connector } from '../ingest/connector.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { IntakePart } from '../ingest/intake-part.ts';
import type { Health } from '../observability/health.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { SessionFeature } from '../part/session-feature.ts';
import type { Outbound } from '../part/outbound.ts';
import type { Access } from '../control/access.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import type { HubAdapters } from './hub-adapters.ts';

/** What every part of a node can have from the beginning. */
export interface NodeBase extends Pick<
  HubAdapters,
  'mode' | 'store' | 'log' | 'journal' | 'leases' | 'bus' | 'control' | 'search'
> {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly node: string;
  readonly policy: CurrentPolicy;
  readonly ids: OpaqueIds;
  /** A newer release writes here, and this node cannot read it: it has to stop. */
  readonly onNewer: (error: NewerForm) => void;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Undefined for a connector that reads no topic here. */
  readonly sourceOf: (connector: string) => ConnectorSource | undefined;
  readonly clock: Clock & Stopwatch;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly outbound: Outbound;
  /** Observes everything of the catalog that leaves the node. */
  readonly outlet: Outlet;
  /** What the node reaches now. Never rejects. */
  readonly dependencies: () => Promise<Health['dependencies']>;
}

/** From this a part takes what the options of its own maker name. */
export interface NodeContext extends NodeBase {
  /** Parts that several others depend on: created with the first that needs them. */
  readonly access: () => Access;
  readonly intake: () => IntakePart;
  /** The part with the connections of this process, once all parts are created; undefined if there is none. */
  readonly clients: () => Clients | undefined;
  /** What the parts of this process add to sessions, once all parts are created. */
  readonly features: () => readonly SessionFeature[];
}
