import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { HubEvent, Op } from '../event/hub-event.ts';
import type { WireEvent, WireOp } from '../protocol/down.ts';
import type { Mask } from './mask.ts';
import { wireDocument, wireEntity } from './wire-document.ts';

/** How one event looks from one room: the entity came into view, changed in view, or went out of it. */
export type Transition = 'enter' | 'update' | 'leave';

/** A document, which may be newer than the event with which it goes, and its head. */
export interface ShownDocument {
  readonly document: WithoutHead;
  readonly head: Head;
}

/** What the event itself carries; large documents are left out. */
export function carriedDocument({ data: { after, heads } }: HubEvent): ShownDocument | undefined {
  return after === undefined || heads.after === null ? undefined : { document: after, head: heads.after };
}

function wireOps(ops: readonly Op[], mask: Mask): readonly WireOp[] {
  return ops.flatMap((each) => {
    const shown = mask.op(each);
    return shown === undefined ? [] : [{ op: shown.op, path: shown.path, old: shown.old, new: shown.new } as WireOp];
  });
}

export interface WireEventOptions {
  /** The opaque wire id; the event's own id would tell which native message it came from. */
  readonly id: string;
  readonly mask: Mask;
  /** Goes with `enter` and, in views, with `update`. */
  readonly shown?: ShownDocument | undefined;
}

/**
 * The form of an event that may leave the hub: an allow-list, seen through a mask. Undefined for an `update` of which
 * nothing is to be seen.
 */
export function wireEvent(
  event: HubEvent,
  transition: Transition,
  { id, mask, shown }: WireEventOptions,
): WireEvent | undefined {
  const { subject, recordedtime, type, time, correlationid, causationid } = event;
  const { after } = event.data.heads;
  if (transition === 'leave' || after === null) {
    return { id, subject, recordedtime, kind: 'leave', reason: after === null ? 'deleted' : 'left' };
  }
  const whole = shown === undefined ? undefined : wireDocument(shown.document, mask);
  const enters = transition === 'enter' && whole !== undefined;
  const changes = enters ? [] : wireOps(event.data.change.ops, mask);
  if (!enters && changes.length === 0) return undefined;
  // members that the event lacks stand here as undefined, see wire-document.ts
  return {
    id,
    subject,
    recordedtime,
    kind: enters ? 'enter' : 'update',
    type,
    time,
    actor: event.data.actor?.id,
    correlationid,
    causationid,
    extensions: event.data.extensions,
    replay: event.data.change.replay ? true : undefined,
    entity: wireEntity(shown?.head ?? after, mask),
    changes,
    document: whole,
  } as WireEvent;
}
