import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { CatchUp } from '../delivery/join/catch-up.ts';
import type { Seals } from '../delivery/join/seals.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { MatchBudget } from '../delivery/tick/match-budget.ts';
import type { RoomRegistry } from '../delivery/tick/room-registry.ts';
import type { SessionFeature } from '../part/session-feature.ts';
import type { Expiries } from './expiries.ts';

/** What all sessions of a node use. */
export interface SessionSurroundings {
  readonly rooms: RoomRegistry;
  readonly matchBudget: MatchBudget;
  readonly catchUp: CatchUp;
  readonly seals: Seals;
  readonly outlet: Pick<Outlet, 'joined' | 'left'>;
  readonly clock: Clock & Stopwatch;
  readonly expiries: Expiries;
  readonly maxSubscriptions: number;
  readonly messagesPerSecond: number;
  /** What to wait for before anything is sent, see StallGuard. */
  readonly pending: () => Promise<void> | undefined;
  /** What other parts of the node add to sessions. */
  readonly features: () => readonly SessionFeature[];
}
