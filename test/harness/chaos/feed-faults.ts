import { createOpaqueIds, firstIdKey } from '../../../server/sealing/opaque-ids.ts';
import { testSecrets } from '../hub-process.ts';
import { type Listener, listenersOf } from '../reconcile/listener.ts';
import { mixedPolicy } from '../reconcile/mixed-clients.ts';
import { Oracle } from '../reconcile/oracle.ts';
import { type Excuse, reconcile } from '../reconcile/reconcile.ts';
import type { ChaosClient } from './chaos-client.ts';
import type { Evidence } from './evidence.ts';
import { Excuses, type PlacedEvent } from './excuses.ts';
import { versionKey } from './log-truth.ts';

export interface FeedFaults {
  readonly counts: ReturnType<typeof reconcile>['counts'];
  readonly problems: readonly string[];
  /** Stretches of deliveries that a feed lacks without having been told. */
  readonly undetectedGaps: number;
}

const maxStories = 20;
const ids = createOpaqueIds(firstIdKey(testSecrets.hub));

function feedListeners(client: ChaosClient): readonly Listener[] {
  return listenersOf(client.plan, mixedPolicy).filter(({ name }) => client.feeds.has(name));
}

/** What the log says: who must get what, and where each event stands. */
interface Entitlement {
  readonly oracle: Oracle;
  /** By wire id. */
  readonly placed: ReadonlyMap<string, PlacedEvent>;
  readonly historyOf: (tenant: string, subject: string) => readonly PlacedEvent[];
}

function entitlementOf({ clients, log, said }: Evidence): Entitlement {
  const placed = new Map<string, PlacedEvent>();
  const histories = new Map<string, PlacedEvent[]>();
  const oracle = new Oracle({
    listeners: clients.flatMap(feedListeners),
    ids,
    documentOf: (event) => said.documents.get(versionKey(event)),
  });
  for (const event of log.events) {
    oracle.tell(event);
    const place = log.places.get(versionKey(event));
    if (place === undefined) continue;
    const each = { event, place, lastPlace: log.lastPlaces.get(versionKey(event)) ?? place };
    placed.set(ids.event(event), each);
    const entity = `${event.tenant} ${event.subject}`;
    histories.set(entity, [...(histories.get(entity) ?? []), each]);
  }
  return { oracle, placed, historyOf: (tenant, subject) => histories.get(`${tenant} ${subject}`) ?? [] };
}

function excusesOf(clients: readonly ChaosClient[], { placed, historyOf }: Entitlement): ReadonlyMap<string, Excuses> {
  const entries = clients.flatMap((client) =>
    feedListeners(client).map((listener) => {
      const record = client.feeds.get(listener.name) ?? { events: [], atMs: [], gaps: [], liveAtMs: [] };
      const own = (subject: string): readonly PlacedEvent[] => historyOf(listener.tenant, subject);
      return [listener.name, new Excuses({ listener, record, placed, historyOf: own })] as const;
    }),
  );
  return new Map(entries);
}

/** What feeds got against what they were entitled to. */
export function feedFaults(evidence: Evidence): FeedFaults {
  const { clients } = evidence;
  const entitlement = entitlementOf(evidence);
  const excuses = excusesOf(clients, entitlement);
  const missing = new Set<string>();
  const stories: string[] = [];
  const isExcused: Excuse = (name, delivery) => {
    const own = excuses.get(name);
    if (own?.covers(delivery) === true) return true;
    missing.add(`${name} ${delivery.id}`);
    if (own !== undefined && stories.length < maxStories) stories.push(own.story(delivery));
    return false;
  };
  const observed = new Map(
    clients.flatMap((client) => [...client.feeds].map(([name, { events }]) => [name, events] as const)),
  );
  const { counts, problems } = reconcile(entitlement.oracle, observed, isExcused);
  const undetectedGaps = stretches(entitlement.oracle, missing);
  return {
    counts,
    problems: [...stories, ...problems.filter((problem) => !problem.includes(': missing: '))],
    undetectedGaps,
  };
}

/** Runs of missing deliveries, in the order of the log. */
function stretches(oracle: Oracle, missing: ReadonlySet<string>): number {
  let count = 0;
  for (const [name, deliveries] of oracle.expected) {
    let wasMissing = false;
    for (const id of deliveries.keys()) {
      const isMissing = missing.has(`${name} ${id}`);
      if (isMissing && !wasMissing) count += 1;
      wasMissing = isMissing;
    }
  }
  return count;
}
