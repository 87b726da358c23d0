import { isGone } from '../../../channels/catalog/document.ts';
import type { Head } from '../../../channels/event/head.ts';
import { publicDocument, wireItem } from '../../../channels/event/wire-event.ts';
import { type Listener, listenersOf } from '../reconcile/listener.ts';
import { mixedPolicy } from '../reconcile/mixed-clients.ts';
import { sees } from '../reconcile/oracle.ts';
import { type ChaosClient, shownText, type ViewRecord } from './chaos-client.ts';
import type { Evidence } from './evidence.ts';

export interface ViewFaults {
  /** Views that hold something else than the query of the documents. */
  readonly wrong: readonly string[];
  /** Documents that a view has shown and that nobody with its rights could ever see. */
  readonly forbidden: readonly string[];
}

/** Every document that there ever was, as it is shown, with its heads. */
function shownEver({ log, documents }: Evidence): ReadonlyMap<string, readonly Head[]> {
  const heads = new Map<string, Head[]>();
  const add = (head: Head, text: string): void => void heads.set(text, [...(heads.get(text) ?? []), head]);
  for (const { subject, data } of log.events)
    if (data.heads.after !== null && data.after !== undefined)
      add(data.heads.after, shownText(subject, publicDocument(data.after)));
  for (const document of documents) add(document.head, shownText(document.urn, publicDocument(document)));
  return heads;
}

function listenerOf({ plan }: ChaosClient, roles: readonly string[], name: string): Listener {
  return listenersOf({ ...plan, roles }, mixedPolicy).find((each) => each.name === name) as Listener;
}

function contentFault({ documents }: Evidence, listener: Listener, { view }: ViewRecord): string | undefined {
  const due = documents
    .filter((document) => document.tenant === listener.tenant && !isGone(document) && sees(listener, document.head))
    .map((document) => shownText(document.urn, wireItem(document).document));
  const held = view.items.map(({ entity, document }) => shownText(entity.urn, document));
  const extra = held.filter((text) => !due.includes(text));
  const absent = due.filter((text) => !held.includes(text));
  if (view.status === 'live' && extra.length + absent.length === 0 && held.length === due.length) return undefined;
  return `${listener.name}: ${view.status}, too much: ${extra.join(' ')}, absent: ${absent.join(' ')}`;
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
