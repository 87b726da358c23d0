import type { Clock } from '../../channels/ports/clock.ts';
import type { Lease, Leases } from '../../channels/ports/lease.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';

interface LeaseEntry {
  readonly holder: string;
  readonly untilMs: number;
}

/** The folder has one process, so leases need not be stored; they end with its environment. */
export function createEmbeddedLeases({
  environment,
  clock,
}: {
  readonly environment: EmbeddedEnvironment;
  readonly clock: Clock;
}): Leases {
  const held = new Map<string, LeaseEntry>();
  const holderOf = (name: string): string | undefined => {
    const found = held.get(name);
    return found !== undefined && found.untilMs > clock.now() ? found.holder : undefined;
  };
  const lease = (name: string): Lease => ({
    take: (holder, ttlMs) =>
      environment.read(() => {
        const other = holderOf(name);
        if (other !== undefined && other !== holder) return false;
        held.set(name, { holder, untilMs: clock.now() + ttlMs });
        return true;
      }),
    release: (holder) =>
      environment.read(() => {
        if (held.get(name)?.holder === holder) held.delete(name);
      }),
    holder: () => environment.read(() => holderOf(name)),
  });
  return { lease };
}
