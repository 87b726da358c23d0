import { formOf } from '../forms/form-of.ts';
import { writtenForm } from '../forms/written-form.ts';
import { sortedOnce } from '../base/sorted-once.ts';
import type { Head } from './head.ts';
import type { HubEvent, Op } from './hub-event.ts';
import { normalTag } from './normal-text.ts';

function confirmedTags({ kind, tags, classifications, columnClassifications }: Head): readonly string[] {
  if (kind === 'definition') return tags;
  const confirmed = [...classifications, ...columnClassifications].filter(({ state }) => state === 'confirmed');
  return sortedOnce(confirmed.map(normalTag));
}

function headOfFirst(head: Head | null): Head | null {
  return head === null ? null : { ...head, confirmedTags: confirmedTags(head) };
}

/**
 * The first form named elements of lists in the paths of ops, without the tags by which a mask is decided. What such an
 * op did is told without its element: the field has changed.
 */
function opsOfFirst(ops: readonly Op[]): readonly Op[] {
  const kept = new Map<string, Op>();
  for (const op of ops) {
    const [, field = '', element] = op.path.split('/');
    if (element === undefined) kept.set(op.path, op);
    else kept.set(`/${field}`, { op: 'replace', path: `/${field}` });
  }
  return [...kept.values()];
}

/** An event of the first form as this release has it. */
export function upgradedEvent(event: HubEvent): HubEvent {
  const { data } = event;
  const { change, heads } = data;
  return {
    ...event,
    v: writtenForm('event', (heads.after ?? heads.before)?.kind ?? 'asset'),
    data: {
      ...data,
      change: { ...change, ops: opsOfFirst(change.ops) },
      heads: { before: headOfFirst(heads.before), after: headOfFirst(heads.after) },
    },
  };
}

/**
 * The event of a text that this process, or the storage, has taken for one: `parseEvent` has looked at it.
 * @throws NewerForm where a newer release has
 */
export function readEvent(text: string): HubEvent {
  const event = JSON.parse(text) as HubEvent;
  return formOf('event', event.v) === 1 ? upgradedEvent(event) : event;
}
