import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionLimits } from '../limits/connection-limits.ts';
import type { Delivery } from './delivery.ts';
import type { SessionRegistry } from './session-registry.ts';

export interface GatewayGaugeSources {
  readonly metrics: Metrics;
  readonly sessions: SessionRegistry;
  readonly limits: ConnectionLimits;
  readonly delivery: Delivery;
}

/** Numbers of a gateway that are read only when someone requests them. */
export function refreshGatewayGauges({ metrics, sessions, limits, delivery }: GatewayGaugeSources): void {
  metrics.connections.set(sessions.size);
  metrics.sockets.set(limits.total);
  metrics.subscriptions.set(sessions.subscriptionCount);
  metrics.rooms.set(delivery.rooms.roomCount);
  const { kept, sent } = delivery.catchUp.bytes;
  metrics.replayBytes.set({ use: 'kept' }, kept);
  metrics.replayBytes.set({ use: 'sent' }, sent);
  metrics.matchCost.reset();
  for (const [tenant, cost] of delivery.matchBudget.tenants) metrics.matchCost.set({ tenant }, cost);
  metrics.ringBytes.set(delivery.gateway.ring.bytes);
}
