import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { Settings } from '../config/settings.ts';
import { PrincipalBudgets, sessionsWorth } from '../limits/principal-budgets.ts';
import type { InboundLimit } from '../transport/inbound.ts';

/** Bursts, in seconds' worth. */
const burstSeconds = 4;
/** A principal may have all its connections at once, and again all of them after so long. */
const reconnectSeconds = 10;
const [leastConnectsPerSecond, leastConnectsBurst] = [10, 100];

/** What one connection may send. */
export function inboundOf({
  inboundBytesPerSecond,
  maxMessageBytes,
}: Pick<Settings, 'inboundBytesPerSecond' | 'maxMessageBytes'>): Omit<InboundLimit, 'stopwatch'> {
  // a message of the largest size must be possible, and the handshake of Socket.IO before it
  const burstBytes = Math.max(burstSeconds * inboundBytesPerSecond, 2 * maxMessageBytes);
  return { bytesPerSecond: inboundBytesPerSecond, burstBytes };
}

export type BudgetSettings = Pick<
  Settings,
  'inboundBytesPerSecond' | 'maxMessageBytes' | 'subscribeRate' | 'maxConnectionsPerPrincipal'
>;

/** What all connections of a principal together may do. */
export function principalBudgets(settings: BudgetSettings, stopwatch: Stopwatch): PrincipalBudgets {
  const { bytesPerSecond, burstBytes } = inboundOf(settings);
  const { subscribeRate, maxConnectionsPerPrincipal } = settings;
  return new PrincipalBudgets({
    inboundBytesPerSecond: sessionsWorth * bytesPerSecond,
    inboundBurstBytes: sessionsWorth * burstBytes,
    messagesPerSecond: sessionsWorth * subscribeRate,
    connectsPerSecond: Math.max(leastConnectsPerSecond, maxConnectionsPerPrincipal / reconnectSeconds),
    connectsBurst: Math.max(leastConnectsBurst, 2 * maxConnectionsPerPrincipal),
    stopwatch,
  });
}
