import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';

/** `down` of a required dependency makes the node not ready; of another only degraded. */
export type DependencyState = 'up' | 'down';

/** Without an index searches are not answered; everything else is. */
export type SearchState = DependencyState | 'building';

export interface Health {
  readonly status: 'starting' | 'ok' | 'degraded' | 'stalled' | 'stopping';
  readonly ready: boolean;
  readonly node: string;
  readonly mode: 'embedded' | 'cluster';
  readonly engine: 'uws' | 'ws';
  readonly components: readonly string[];
  /** Loops that had work waiting and made no progress for PURSIGHT_STALLED_AFTER_MS. */
  readonly stalled: readonly string[];
  readonly dependencies: {
    readonly catalog: DependencyState;
    readonly log: DependencyState;
    readonly controlBus: DependencyState;
    /** Of a node that searches. `building`: it answers, but there is nothing to search yet. */
    readonly search?: SearchState;
  };
}

export interface HealthSource {
  readonly node: string;
  readonly mode: Health['mode'];
  readonly engine: Health['engine'];
  readonly components: readonly string[];
  readonly store: Pick<CatalogStore, 'ping'>;
  readonly bus: ControlBus;
  readonly phase: () => 'starting' | 'running' | 'stopping';
  /** Serves, but not yet all that it will. */
  readonly isPreparing: () => boolean;
  readonly logFresh: () => boolean;
  readonly search: () => SearchState | undefined;
  readonly stalled: () => readonly string[];
}

const pingTimeoutMs = 1000;

async function reachable(store: Pick<CatalogStore, 'ping'>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), pingTimeoutMs)));
  const answer = store.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function state(up: boolean): DependencyState {
  return up ? 'up' : 'down';
}

/** What the node reaches now; the catalog is asked. Never rejects. */
export async function dependenciesOf(source: HealthSource): Promise<Health['dependencies']> {
  const { store, bus, logFresh } = source;
  const search = source.search();
  const needed = { catalog: state(await reachable(store)), log: state(logFresh()), controlBus: bus.state() };
  return search === undefined ? needed : { ...needed, search };
}

function statusOf(phase: 'starting' | 'running' | 'stopping', allUp: boolean, stalls: boolean): Health['status'] {
  if (phase !== 'running') return phase;
  if (!allUp) return 'degraded';
  return stalls ? 'stalled' : 'ok';
}

/**
 * Ready means: serves, and makes progress. A node whose log or catalog is down keeps its sessions and
 * is only degraded: removing it from the load balancer would send its clients to nodes with the same problem. One that
 * reaches everything and still stalls is at fault itself.
 */
export async function healthOf(source: HealthSource): Promise<Health> {
  const { node, mode, engine, components } = source;
  const phase = source.phase() === 'running' && source.isPreparing() ? 'starting' : source.phase();
  const dependencies = await dependenciesOf(source);
  const allUp = Object.values(dependencies).every((each) => each !== 'down');
  const stalled = source.stalled();
  const status = statusOf(phase, allUp, stalled.length > 0);
  const ready = status === 'ok' || status === 'degraded';
  return { status, ready, node, mode, engine, components, stalled, dependencies };
}
