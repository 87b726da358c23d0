/**
 * Shares the one thread of a process among tenants. Work that may take long asks for a turn, works until the turn is over,
 * and asks again.
 */
export interface Turns {
  /**
   * Resolves when it is the tenant's turn: at once where nobody else works. What runs until the next turn of the event loop is
   * charged to the tenant. With `begun` it comes before what else the tenant has waiting: a list that was begun is finished
   * before the next.
   */
  next(tenant: string, begun?: 'begun'): Promise<void>;
  /** True when the turn has lasted long enough, or there is none. */
  readonly isOver: boolean;
  /** True while another tenant has had a turn lately: then nobody should do anything that cannot be divided for long. */
  isContended(tenant: string): boolean;
}
