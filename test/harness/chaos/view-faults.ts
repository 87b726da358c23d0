import { isGone } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { Head } from '../../../channels/event/head.ts';
import { identityMask } from '../../../channels/wire/mask.ts';
import { documentRest } from '../../../channels/wire/wire-document.ts';
import { type Listener, listenersOf } from '../reconcile/listener.ts';
import { mixedPolicy } from '../reconcile/mixed-clients.ts';
import { sees } from '../reconcile/oracle.ts';
import { type ChaosClient, shownText, timelessText, type ViewRecord } from './chaos-client.ts';
import type { Evidence } from './evidence.ts';
import { versionKey } from './log-truth.ts';

export interface ViewFaults {
  /** Views that hold something else than the query of the documents. */
  readonly wrong: readonly string[];
  /** Documents that a view has shown and that nobody with its rights could ever see. */
  readonly forbidden: readonly string[];
}

/** Of the events of an entity that explain a wrong view. */
const storyLength = 6;
const diaryLength = 40;

/** What a view shows of a document beside its head. */
function restOf(document: WithoutHead): JsonObject {
  return documentRest(document, identityMask) as JsonObject;
}

/** Every document that there ever was, as it is shown, with its heads. */
function shownEver({ log, documents, said }: Evidence): ReadonlyMap<string, readonly Head[]> {
  const heads = new Map<string, Head[]>();
  const add = (head: Head, document: WithoutHead): void => {
    const text = timelessText(document.urn, restOf(document));
    heads.set(text, [...(heads.get(text) ?? []), head]);
  };
  for (const event of log.events) {
    const document = event.data.after ?? said.documents.get(versionKey(event));
    if (event.data.heads.after !== null && document !== undefined) add(event.data.heads.after, document);
  }
  for (const document of documents) add(document.head, document);
  return heads;
}

function listenerOf({ plan }: ChaosClient, roles: readonly string[], name: string): Listener {
  return listenersOf({ ...plan, roles }, mixedPolicy).find((each) => each.name === name) as Listener;
}

/** What the log says of an entity at last, and whether the listener sees it before and after each event. */
function storyOf({ log }: Evidence, listener: Listener, urn: string): string {
  const seen = (head: Head | null): string => (head !== null && sees(listener, head) ? 'in' : 'out');
  const told = log.events
    .filter(({ tenant, subject }) => tenant === listener.tenant && subject === urn)
    .slice(-storyLength)
    .map((event) => {
      const { partition, offset } = log.places.get(versionKey(event)) ?? {};
      const { version, heads } = event.data;
      const move = `${seen(heads.before)} -> ${seen(heads.after)}`;
      return `v${version} ${event.recordedtime} ${event.type} ${move} at ${partition}/${offset}`;
    });
  return `${urn}: ${told.join('; ')}`;
}

/** What the client was told of an entity and of the view itself. */
function diaryOf({ diary }: ViewRecord, urn: string): string {
  return diary
    .filter((entry) => entry.urn === undefined || entry.urn === urn)
    .slice(-diaryLength)
    .map(({ atMs, what }) => `${new Date(atMs).toISOString().slice(11, 23)} ${what}`)
    .join(', ');
}

function contentFault(evidence: Evidence, listener: Listener, record: ViewRecord): string | undefined {
  const { view } = record;
  const { documents } = evidence;
  const due = documents
    .filter((document) => document.tenant === listener.tenant && !isGone(document) && sees(listener, document.head))
    .map((document) => shownText(document.urn, restOf(document)));
  const held = view.items.map(({ entity, document }) => shownText(entity.urn, document));
  const extra = held.filter((text) => !due.includes(text));
  const absent = due.filter((text) => !held.includes(text));
  if (view.status === 'live' && extra.length + absent.length === 0 && held.length === due.length) return undefined;
  const urns = new Set([...extra, ...absent].map((text) => text.slice(0, text.indexOf(' '))));
  const stories = [...urns].map((urn) => `${storyOf(evidence, listener, urn)}; it had ${diaryOf(record, urn)}`);
  return `${listener.name}: ${view.status}, too much: ${extra.join(' ')}, absent: ${absent.join(' ')}, of ${stories.join(' | ')}`;
}

export function viewFaults(evidence: Evidence): ViewFaults {
  const ever = shownEver(evidence);
  const wrong: string[] = [];
  const forbidden: string[] = [];
  for (const client of evidence.clients) {
    const { plan, roles, views } = client;
    for (const [name, record] of views) {
      const fault = contentFault(evidence, listenerOf(client, roles, name), record);
      if (fault !== undefined) wrong.push(fault);
      const asAny = [plan.roles, plan.otherRoles ?? []].map((each) => listenerOf(client, each, name));
      const maySee = (head: Head): boolean =>
        head.tenant === plan.tenant && asAny.some((listener) => sees(listener, head));
      for (const text of record.shown)
        if (!(ever.get(text) ?? []).some(maySee)) forbidden.push(`${name}: showed ${text}`);
    }
  }
  return { wrong, forbidden };
}
