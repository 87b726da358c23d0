import { isGone } from '../../channels/catalog/document.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import { publicDocument } from '../../channels/event/wire-event.ts';
import type { DocumentStore, FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import { writtenForms } from '../../channels/subscription/written-forms.ts';
import { json, jsonText } from '../http/answers.ts';
import { jsonValue, type Query, text, wholeNumber } from '../http/query.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import { AdmissionQueue } from '../resume/admission-queue.ts';
import { inTurns } from '../turns/in-turns.ts';

/** Of one answer: it is held as a whole until the client has taken it. */
const pageBytes = 512 * 1024;
/** Read at once: a millisecond or two. */
const sliceBytes = 64 * 1024;
/** Slices for which the store is asked at once. */
const slicesAtOnce = 2;

const findQuery = {
  filter: jsonValue,
  channel: text(),
  limit: wholeNumber({ fallback: 100, max: 1000 }),
  after: text(documentLimits.urnLength),
};

/** The catalog as it is now, judged by the same rules as live events. */
export function documentRoutes({
  store,
  policy,
  turns,
}: {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly turns: Turns;
}): readonly Route[] {
  const slices = new AdmissionQueue(slicesAtOnce);

  const get = async ({ params, principal }: SignedInCall): Promise<object> => {
    const { mayRead } = policy.classOf(principal);
    const urns = writtenForms(params['urn'] ?? '').filter(({ length }) => length <= documentLimits.urnLength);
    const found = await store.getMany(urns.map((urn) => ({ tenant: principal.tenant, urn })));
    const document = found.find((each) => each !== undefined && !isGone(each) && mayRead(each.head));
    if (document === undefined) throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
    return publicDocument(document);
  };

  const find = async ({ principal, query }: SignedInRequest<Query<typeof findQuery>, undefined>): Promise<string> => {
    const { channel = 'assets', limit, after = '' } = query;
    const selection = createSelection(channel, query.filter);
    const { tenant } = principal;
    const { readable, mayRead } = policy.classOf(principal);
    const filter: Filter = { op: 'and', args: [readable, selection.filter] };
    const texts: string[] = [];
    let [bytes, read] = [0, 0];
    let next: string | undefined = after;
    while (next !== undefined && read < limit && bytes < pageBytes) {
      const slice: FindQuery = { tenant, filter, afterUrn: next, limit: limit - read, maxBytes: sliceBytes };
      const page: FoundPage = await slices.run(tenant, async () => {
        await turns.next(tenant);
        return store.find(slice);
      });
      read += page.documents.length;
      // the store may compare in another way than live events do
      const shown = page.documents.filter(({ head }) => selection.matches(head) && mayRead(head));
      await inTurns({ turns, tenant }, shown, (document) => {
        const text = JSON.stringify(publicDocument(document));
        texts.push(text);
        bytes += text.length;
      });
      ({ next } = page);
    }
    // to put so much together and to hand it over takes its time, too
    await turns.next(tenant);
    const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    return `{"documents":[${texts.join(',')}]${rest}}`;
  };

  const common = { method: 'GET', access: 'signed-in' } as const;
  return [
    route({ ...common, path: '/v1/documents', query: findQuery, answer: jsonText, handle: find }),
    route({ ...common, path: '/v1/documents/*urn', answer: json, handle: get }),
  ];
}
