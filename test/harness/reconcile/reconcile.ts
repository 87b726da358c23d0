import type { WireEvent } from '../../../channels/protocol/down.ts';
import { contentOf, timeFault } from './content.ts';
import type { Delivery, Oracle } from './oracle.ts';

/** How what clients got differs from what they were entitled to. */
export interface Reconciliation {
  readonly changes: number;
  readonly events: number;
  /** Deliveries that clients were entitled to. */
  readonly deliveries: number;
  readonly missing: number;
  /** One event handed twice to one subscription. */
  readonly twice: number;
  /** An event after a later one of the same entity. */
  readonly reordered: number;
  /** An event that the subscription was not entitled to, or that the oracle does not know at all. */
  readonly wrongClient: number;
  /** Another kind, other fields, or other values than it should have had. */
  readonly wrongContent: number;
}

export interface ReconcileResult {
  readonly counts: Reconciliation;
  /** The first faults in words. */
  readonly problems: readonly string[];
}

type Fault = 'missing' | 'twice' | 'reordered' | 'wrongClient' | 'wrongContent';

const maxProblems = 20;

class Faults {
  readonly counts: Record<Fault, number> = { missing: 0, twice: 0, reordered: 0, wrongClient: 0, wrongContent: 0 };
  readonly problems: string[] = [];

  add(fault: Fault, listener: string, what: string): void {
    this.counts[fault] += 1;
    if (this.problems.length < maxProblems) this.problems.push(`${listener}: ${fault}: ${what}`);
  }
}

/** The hub accepts an event once, so all who get it are told the same time. */
type AcceptedAt = Map<string, string>;

/** Listeners may share the objects of events. */
const contents = new WeakMap<WireEvent, string>();

function contentFault(event: WireEvent, delivery: Delivery, acceptedAt: AcceptedAt): string | undefined {
  const content = contents.get(event) ?? contentOf(event);
  contents.set(event, content);
  const { allows, mayBeNewer, wanted } = delivery.saying;
  if (!allows(content)) return `got ${content}, wanted ${wanted()}`;
  const known = acceptedAt.get(event.id) ?? event.recordedtime;
  acceptedAt.set(event.id, known);
  return known === event.recordedtime
    ? timeFault(event, mayBeNewer)
    : `recordedtime ${event.recordedtime}, elsewhere ${known}`;
}

/** Whether a subscription had a reason not to get something. */
export type Excuse = (listener: string, delivery: Delivery) => boolean;

const noExcuse: Excuse = () => false;

function check(
  listener: string,
  observed: readonly WireEvent[],
  expected: ReadonlyMap<string, Delivery>,
  {
    faults,
    acceptedAt,
    isExcused,
  }: { readonly faults: Faults; readonly acceptedAt: AcceptedAt; readonly isExcused: Excuse },
): void {
  const seen = new Set<string>();
  const versions = new Map<string, number>();
  for (const event of observed) {
    const delivery = expected.get(event.id);
    if (delivery === undefined) {
      faults.add('wrongClient', listener, `${event.kind} ${event.subject}`);
      continue;
    }
    const what = `${event.kind} ${delivery.subject} version ${delivery.version}`;
    if (seen.has(event.id)) {
      faults.add('twice', listener, what);
      continue;
    }
    seen.add(event.id);
    const last = versions.get(delivery.subject) ?? 0;
    if (delivery.version < last) faults.add('reordered', listener, `${what} after ${last}`);
    versions.set(delivery.subject, Math.max(last, delivery.version));
    const fault = contentFault(event, delivery, acceptedAt);
    if (fault !== undefined) faults.add('wrongContent', listener, `${what}: ${fault}`);
  }
  for (const delivery of expected.values())
    if (!seen.has(delivery.id) && !delivery.saying.mayBeMissing() && !isExcused(listener, delivery))
      faults.add('missing', listener, `${delivery.subject} version ${delivery.version}`);
}

/** Compares exactly. `observed`: by listener, in the order in which it came. A name that nobody has is somebody else's. */
export function reconcile(
  oracle: Oracle,
  observed: ReadonlyMap<string, readonly WireEvent[]>,
  isExcused: Excuse = noExcuse,
): ReconcileResult {
  const faults = new Faults();
  const acceptedAt: AcceptedAt = new Map();
  const nothing: ReadonlyMap<string, Delivery> = new Map();
  for (const name of new Set([...oracle.expected.keys(), ...observed.keys()]))
    check(name, observed.get(name) ?? [], oracle.expected.get(name) ?? nothing, { faults, acceptedAt, isExcused });
  const { changes, events, deliveries } = oracle;
  return { counts: { changes, events, deliveries, ...faults.counts }, problems: faults.problems };
}
