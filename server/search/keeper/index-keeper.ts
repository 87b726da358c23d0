import type { WatchedLoop } from '../../observability/progress-watch.ts';
import type { OrderReport } from './index-orders.ts';
import type { IndexOrderKind } from './index-orders.ts';

/** Whether searches are answered. */
export type IndexState = 'up' | 'building' | 'down';

/** What operators are told of an index. */
export interface IndexStatus {
  readonly engine: string;
  readonly state: IndexState;
  readonly documents: number | null;
  /** The node that writes it; null where each node has its own, or where none does. */
  readonly writer: string | null;
  readonly build: string | null;
  /** Events in the log that are not in the index. */
  readonly behind: number | null;
  readonly last: OrderReport | null;
}

/** Fills an index and keeps it up: of this node, or for all of them. */
export interface IndexKeeper {
  readonly watched: readonly WatchedLoop[];
  /** Resolves when a tenant can be searched. @throws HubError not-ready */
  built(tenant: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  state(): IndexState;
  /** The index of this node was never there yet. */
  isPreparing(): boolean;
  refreshGauges(): void;
  status(): Promise<IndexStatus>;
  /** Returns the id of the order, by which its report is found. @throws storage-unavailable */
  order(kind: IndexOrderKind): Promise<string>;
}
