import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { Op } from '../event/hub-event.ts';
import type { JsonObject } from '../event/json.ts';
import type { PolicyClass } from '../policy/policy-class.ts';

/** What an event says of its cause, beside the change itself. It is of no entity, so no rule about fields covers it. */
export interface EventCause {
  /** Id of whoever made the change. */
  readonly actor: string | undefined;
  readonly correlationid: string | undefined;
  readonly causationid: string | undefined;
  /** What the source says besides, by name. */
  readonly extensions: JsonObject | undefined;
}

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
  /** The visible part of what an event says of its cause; undefined for each member that is hidden. */
  cause(cause: EventCause): EventCause;
}

/** Hides nothing. */
export const identityMask: Mask = {
  key: '',
  head: (head) => head,
  document: (document) => document,
  op: (op) => op,
  cause: (cause) => cause,
};

/** Whether it hides nothing. */
export function hidesNothing({ key }: Mask): boolean {
  return key === identityMask.key;
}

/** The mask of a class. No policy masks anything yet: a class sees all of an entity or nothing. */
export function maskOf(_policyClass: PolicyClass): Mask {
  return identityMask;
}
