import type { Route } from '../http/route.ts';
import type { WatchedLoop } from '../observability/progress-watch.ts';
import type { Clients } from './clients.ts';
import type { SessionFeature } from './session-feature.ts';

/**
 * One part of a node. A part that a process does not run is not made. A node starts its parts in the order in which they
 * were made and stops them in the opposite one, so a part may use those made before it from its start to its stop.
 */
export interface Part {
  /** Served from before the start until after the stop. */
  readonly routes?: readonly Route[];
  /** Loops whose progress is watched while the node runs. */
  readonly watched?: readonly WatchedLoop[];
  /** Present in the one part that holds connections of clients. */
  readonly clients?: Clients;
  /** What it adds to the sessions of the part that holds connections. */
  readonly feature?: SessionFeature;
  /** False while the part cannot read the log: the node is degraded. @default true */
  readonly logFresh?: () => boolean;
  /** Present in the one part that searches: whether the engine answers, and has an index. */
  readonly search?: () => 'up' | 'building' | 'down';
  /** True while the part has started and is not of use yet, where other nodes are: the node is not offered. */
  readonly isPreparing?: () => boolean;
  /** Sets gauges that are read only when someone requests the metrics. */
  readonly refreshGauges?: () => void;
  /** Resolves when the part does its work. @throws HubError what keeps the node from starting */
  start?(): Promise<void> | void;
  /** The node is about to stop: accepts nothing new, and resolves when its clients have gone. */
  leave?(): Promise<void>;
  /** Resolves when nothing of the part runs any more. Called once, also after a start that failed. */
  stop?(): Promise<void>;
}
