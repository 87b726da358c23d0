import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { Op } from '../event/hub-event.ts';
import type { PolicyClass } from '../policy/policy-class.ts';

/**
 * The parts that a policy class may see of what it may read. All output of the hub goes through a mask, so a rule that hides
 * part of an entity is only another mask.
 *
 * All functions are pure. They return the hub's internal form: which members are sent at all is decided by the encoder,
 * which is an allow-list.
 */
export interface Mask {
  /** Masks with equal keys hide the same: output is encoded once for all of them. */
  readonly key: string;
  head(head: Head): Head;
  document(document: WithoutHead): WithoutHead;
  /** The visible part of a change of one value; undefined if nothing of it is visible. */
  op(op: Op): Op | undefined;
}

/** Hides nothing. */
export const identityMask: Mask = {
  key: '',
  head: (head) => head,
  document: (document) => document,
  op: (op) => op,
};

/** Whether it hides nothing. */
export function hidesNothing({ key }: Mask): boolean {
  return key === identityMask.key;
}

/** The mask of a class. No policy masks anything yet: a class sees all of an entity or nothing. */
export function maskOf(_policyClass: PolicyClass): Mask {
  return identityMask;
}
