/**
 * Shares the main thread of a process among tenants in time slices. Long work requests a turn, runs until the turn is over,
 * and requests the next.
 */
export interface Turns {
  /**
   * Resolves when it is the tenant's turn: at once if no other tenant has work. What runs until the next turn of the event loop is
   * charged to the tenant. With `begun` it comes before other waiting work of the tenant: a list is finished
   * before the next one starts.
   */
  next(tenant: string, begun?: 'begun'): Promise<void>;
  /** True when the turn has lasted long enough, or there is none. */
  readonly isOver: boolean;
  /** True while another tenant has had a turn lately: then long indivisible work should be avoided. */
  isContended(tenant: string): boolean;
}
