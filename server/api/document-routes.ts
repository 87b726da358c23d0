import { type CatalogDocument, documentKey, isGone } from '../../channels/catalog/document.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import { filterSchema } from '../../channels/contract/common-schema.ts';
import { documentPageSchema, documentSchema } from '../../channels/contract/document-schema.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { principalKey } from '../../channels/policy/principal.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import { writtenForms } from '../../channels/subscription/written-forms.ts';
import { maskOf } from '../../channels/wire/mask.ts';
import { wireDocument } from '../../channels/wire/wire-document.ts';
import type { DeliveredVersion, Outlet } from '../delivery/outlet/outlet.ts';
import { jsonText } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { jsonValue, type Query, text, wholeNumber } from '../http/query.ts';
import { type Route, route, type SignedInCall, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import { AdmissionQueue } from '../delivery/past/admission-queue.ts';
import { inTurns } from '../turns/in-turns.ts';

/** Of one answer: it is held as a whole until the client has taken it. */
const pageBytes = 512 * 1024;
/** Read at once: a millisecond or two. */
const sliceBytes = 64 * 1024;
/** Slices for which the store is asked at once. */
const slicesAtOnce = 2;

const findQuery = {
  filter: jsonValue({ about: 'Conditions on the documents.', schema: filterSchema, example: '{"domain":"retail"}' }),
  channel: text({ about: 'What to select from.', example: 'assets' }),
  limit: wholeNumber({ fallback: 100, max: 1000, example: '20' }),
  after: text({ maxLength: documentLimits.urnLength, about: 'The `next` of the page before.' }),
};
const listContract: RouteContract<'/v1/documents'> = {
  ...{ id: 'listDocuments', group: 'Catalog', summary: 'Documents in ascending order of urn', params: {} },
  errors: ['invalid-channel', 'invalid-filter', 'filter-too-large', 'rate-limited', 'storage-unavailable'],
};
const getContract: RouteContract<'/v1/documents/*urn'> = {
  ...{ id: 'getDocument', group: 'Catalog', summary: 'One document of any kind' },
  params: { urn: { about: 'The urn, as in events or percent-encoded.', example: 'urn:gov:demo:orders' } },
  errors: ['not-found', 'filter-too-large', 'storage-unavailable'],
};

interface DocumentText extends DeliveredVersion {
  readonly text: string;
}

function shownOf(document: CatalogDocument, policyClass: PolicyClass): DocumentText {
  const { tenant, urn, version } = document;
  const text = JSON.stringify(wireDocument(document, maskOf(policyClass)));
  return { entity: documentKey(tenant, urn), version, text };
}

export interface DocumentRoutesOptions {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** The catalog as it is now, judged by the same rules as live events. */
export function documentRoutes({ store, policy, turns, outlet }: DocumentRoutesOptions): readonly Route[] {
  const slices = new AdmissionQueue(slicesAtOnce);

  const get = async ({ params, principal }: SignedInCall): Promise<string> => {
    const policyClass = policy.classOf(principal);
    const urns = writtenForms(params['urn'] ?? '').filter(({ length }) => length <= documentLimits.urnLength);
    const found = await store.getMany(urns.map((urn) => ({ tenant: principal.tenant, urn })));
    const document = found.find((each) => each !== undefined && !isGone(each) && policyClass.mayRead(each.head));
    if (document === undefined) throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
    const shown = shownOf(document, policyClass);
    outlet.fetched({ owner: principalKey(principal) }, [shown]);
    return shown.text;
  };

  const find = async ({ principal, query }: SignedInRequest<Query<typeof findQuery>, undefined>): Promise<string> => {
    const { channel = 'assets', limit, after = '' } = query;
    const selection = createSelection(channel, query.filter);
    const { tenant } = principal;
    const policyClass = policy.classOf(principal);
    const { readable, mayRead } = policyClass;
    const filter: Filter = { op: 'and', args: [readable, selection.filter] };
    const found: DocumentText[] = [];
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
      const visible = page.documents.filter(({ head }) => selection.matches(head) && mayRead(head));
      await inTurns({ turns, tenant }, visible, (document) => {
        const shown = shownOf(document, policyClass);
        found.push(shown);
        bytes += shown.text.length;
      });
      ({ next } = page);
    }
    // to put so much together and to hand it over takes its time, too
    await turns.next(tenant);
    const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    outlet.fetched({ owner: principalKey(principal) }, found);
    return `{"documents":[${found.map((each) => each.text).join(',')}]${rest}}`;
  };

  const common = { method: 'GET', access: 'signed-in' } as const;
  return [
    route({
      ...{ ...common, path: '/v1/documents', contract: listContract, query: findQuery },
      answer: jsonText(documentPageSchema),
      handle: find,
    }),
    route({
      ...{ ...common, path: '/v1/documents/*urn', contract: getContract, answer: jsonText(documentSchema) },
      handle: get,
    }),
  ];
}
