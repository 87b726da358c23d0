import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { Op } from '../event/hub-event.ts';
import type { PolicyClass } from '../policy/policy-class.ts';

/**
 * What a policy class may see of what it may read. Whatever leaves the hub is made through a mask, so a rule that hides
 * part of an entity is a mask of its own and nothing else.
 *
 * All functions are pure. What they return is still the hub's own form: which members go out at all is for the maker, which
 * is an allow-list.
 */
export interface Mask {
  /** Masks with equal keys hide the same: what is made through one of them is encoded once for all. */
  readonly key: string;
  head(head: Head): Head;
  document(document: WithoutHead): WithoutHead;
  /** The change of one value, as far as it may be seen; undefined if nothing of it may. */
  op(op: Op): Op | undefined;
}

/** Hides nothing. */
export const identityMask: Mask = {
  key: '',
  head: (head) => head,
  document: (document) => document,
  op: (op) => op,
};

/** Whether all of an entity is seen through it. */
export function hidesNothing({ key }: Mask): boolean {
  return key === identityMask.key;
}

/** The mask of a class. No policy masks anything yet: a class sees all of an entity or nothing. */
export function maskOf(_policyClass: PolicyClass): Mask {
  return identityMask;
}
