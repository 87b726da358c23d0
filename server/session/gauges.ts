import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionLimits } from '../security/connection-limits.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { Delivery } from './delivery.ts';

export interface GaugeSources {
  readonly metrics: Metrics;
  readonly sessions: SessionRegistry;
  readonly limits: ConnectionLimits;
  readonly delivery: Delivery;
  readonly mappedBytes: () => number;
}

/** Numbers that are read only when somebody asks for them. */
export function refreshGauges({ metrics, sessions, limits, delivery, mappedBytes }: GaugeSources): void {
  metrics.storageMappedBytes.set(mappedBytes());
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
