import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Selection } from '../../../channels/subscription/selection.ts';

/** Selection (condition and form) x policy class: all its members get the same bytes. */
export interface Room {
  readonly name: string;
  readonly selection: Selection;
  readonly policyClass: PolicyClass;
  /** Subscriptions of this node that are in it. */
  members: number;
  /** Sealed on first need: the same for all its members. */
  handle: string | undefined;
}
