import { contractRoutes } from '../contracts/contract-routes.ts';
import { graphqlRoutes } from '../graphql/graphql-routes.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { errorPages } from '../http/error-pages.ts';
import type { Route } from '../http/route.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part/part.ts';
import { healthRoutes } from './health-routes.ts';
import type { NodeStatus } from './node-status.ts';

export interface NodeRoutesOptions {
  readonly status: Pick<NodeStatus, 'health' | 'refreshGauges'>;
  readonly metrics: Metrics;
  readonly parts: readonly Part[];
  /** Path under which clients reach the hub, with a slash at both ends. */
  readonly basePath: string;
  readonly verify: TokenVerifier;
  readonly turns: Turns;
  readonly onFault: (error: HubError) => void;
}

/** All that a node serves over HTTP, and what describes it. */
export function nodeRoutes({
  status,
  metrics,
  parts,
  basePath,
  verify,
  turns,
  onFault,
}: NodeRoutesOptions): readonly Route[] {
  const rest = [...healthRoutes(status, metrics), ...errorPages, ...parts.flatMap((part) => part.routes ?? [])];
  const routes = [...rest, ...graphqlRoutes({ routes: rest, verify, turns, onFault })];
  return [...routes, ...contractRoutes({ routes, basePath })];
}
