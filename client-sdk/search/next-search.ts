import { sameJson } from '../../channels/event/json.ts';
import type { SearchDeltaMessage } from '../../channels/protocol/search.ts';
import { HubClientError } from '../hub-client-error.ts';
import { changed, differences, keptHits } from './hit-list.ts';
import type {
  Attachment,
  Content,
  Query,
  SearchEffect,
  SearchEvent,
  SearchLinkEvent,
  SearchState,
} from './search-state.ts';

/** The state from now on, and what is to be done for it, in order. */
export interface SearchStep {
  readonly state: SearchState;
  readonly effects: readonly SearchEffect[];
}

/** The next state and what is to be done, in this order. Total: an event that means nothing here changes nothing. */
export function nextSearch(state: SearchState, event: SearchEvent): SearchStep {
  if (state.isEnded) return unchanged(state);
  switch (event.type) {
    case 'close':
      return ended(state, null);
    case 'query':
      return asked(state, event.query);
    case 'up':
      if (!event.isOffered) return ended(state, notOffered());
      return state.attachments.has(event.link) ? unchanged(state) : request(state, event.link);
    case 'down':
      return down(state, event.link);
    default: {
      const attachment = state.attachments.get(event.link);
      return attachment === undefined ? unchanged(state) : onLink(state, event.link, attachment, event);
    }
  }
}

type SaidEvent = Exclude<SearchLinkEvent, { readonly type: 'up' | 'down' }>;

function onLink(state: SearchState, link: number, attachment: Attachment, event: SaidEvent): SearchStep {
  switch (event.type) {
    case 'retry':
      return isToBeAsked(attachment) ? request(state, link) : unchanged(state);
    case 'accepted':
      return unchanged(attach(state, link, { ...attachment, phase: 'accepted' }));
    case 'refused':
      return refused(state, link, attachment, event.error);
    case 'result':
      return answered(state, link, attachment, event.message);
    case 'delta':
      if (link !== state.source || event.message.room !== attachment.room) return unchanged(state);
      return moved(state, link, attachment, event.message);
    case 'ended':
      return dropped(state, link, attachment, event.error);
    default:
      return event satisfies never;
  }
}

/** One request at a time on each link: where one is on its way, the newest query follows its answer. */
function asked(state: SearchState, query: Query['query']): SearchStep {
  if (sameJson(query, state.wanted.query)) return unchanged(state);
  let step = unchanged({ ...state, wanted: { rev: state.wanted.rev + 1, query } });
  for (const [link, { phase }] of state.attachments)
    if (phase === 'standing' && !isOutdated(state, link)) step = then(step, request(step.state, link));
  return step;
}

/** A newer link is the source: nothing is expected of this one while that lasts. */
function isOutdated({ source }: SearchState, link: number): boolean {
  return source !== null && link < source;
}

function answered(
  state: SearchState,
  link: number,
  attachment: Attachment,
  message: Extract<SaidEvent, { readonly type: 'result' }>['message'],
): SearchStep {
  const { rev, room } = message;
  const query = [attachment.asked, state.content].find((each) => each?.rev === rev)?.query;
  if (query === undefined) return unchanged(state);
  const isAnswer = attachment.phase === 'accepted';
  const here = attach(state, link, { ...attachment, phase: isAnswer ? 'standing' : attachment.phase, room });
  const isWanted = !isOutdated(state, link) && rev >= (state.content?.rev ?? 0);
  const step = isWanted ? adopted(here, link, query, message) : unchanged(here);
  if (step.state.isEnded || !isAnswer || rev === state.wanted.rev || isOutdated(state, link)) return step;
  return then(step, request(step.state, link));
}

/** A result becomes the content, and its link the source. */
function adopted(
  state: SearchState,
  link: number,
  query: Query['query'],
  { rev, hits, total, facets, staleMs, reason }: Extract<SaidEvent, { readonly type: 'result' }>['message'],
): SearchStep {
  const before = state.content;
  const content = { rev, query, hits: keptHits(before?.hits ?? [], hits), total, facets, staleMs };
  const next = { ...state, content, source: link, refusals: 0 };
  if (state.isOnce) return { state: { ...next, isEnded: true, attachments: new Map() }, effects: [{ type: 'result' }] };
  if (before === null || rev > before.rev || reason !== undefined)
    return { state: next, effects: [...(reason ? [{ type: 'policy', reason } as const] : []), { type: 'result' }] };
  return compared(next, before, content);
}

/** Another result of the same query: what is another is a change, and where nothing is nothing is told. */
function compared(next: SearchState, before: Content, content: Content): SearchStep {
  const changes = differences(before.hits, content.hits);
  const isSame = changes.length === 0 && sameJson(countsOf(before), countsOf(content));
  return isSame
    ? unchanged({ ...next, content: { ...before, rev: content.rev } })
    : { state: next, effects: [{ type: 'change', changes }] };
}

function countsOf({ total, facets, staleMs }: Content): object {
  return { total, facets, staleMs };
}

function moved(state: SearchState, link: number, attachment: Attachment, message: SearchDeltaMessage): SearchStep {
  const { content } = state;
  const { changes, staleMs } = message;
  const hits = content === null ? undefined : changed(content.hits, changes);
  if (content === null || hits === undefined) return misfit(state, link, attachment);
  const { total = content.total, facets = content.facets } = message;
  const next = { ...content, hits: changes.length === 0 ? content.hits : hits, total, facets, staleMs };
  return { state: { ...state, content: next, misfits: 0 }, effects: [{ type: 'change', changes }] };
}

/** What is held is not what the hub believes: shown as it is, as out of date, until there is a new result. */
function misfit(state: SearchState, link: number, attachment: Attachment): SearchStep {
  const failures = state.misfits + 1;
  const lost = { ...state, source: null, misfits: failures };
  if (attachment.phase !== 'standing') return unchanged(attach(lost, link, { ...attachment, room: null }));
  return {
    state: attach(lost, link, { ...attachment, phase: 'waiting', room: null }),
    effects: [{ type: 'retry', link, failures, retryAfterMs: 0 }],
  };
}

/** The rights have changed and there is no new result: nothing of the old one may be shown any more. */
function dropped(state: SearchState, link: number, attachment: Attachment, error: HubClientError): SearchStep {
  const isSource = link === state.source;
  const nothing = { hits: [], total: { value: 0, relation: 'exact' }, facets: {} } as const;
  const content = isSource && state.content !== null ? { ...state.content, ...nothing } : state.content;
  const purged: SearchStep = isSource
    ? { state: { ...state, content, source: null }, effects: [{ type: 'policy', reason: 'token' }] }
    : unchanged(state);
  const bare = { ...attachment, room: null };
  // a request on its way was sent before this was known, and is answered in its turn
  if (attachment.phase !== 'standing') return { ...purged, state: attach(purged.state, link, bare) };
  return then(purged, refused(purged.state, link, bare, error));
}

/** Retried there after the backoff, or the end if no retry can help. What the hub does not know any more is asked for anew. */
function refused(state: SearchState, link: number, attachment: Attachment, error: HubClientError): SearchStep {
  if (!error.retryable && error.code !== 'unknown-subscription') return ended(state, error);
  // a node that builds its index says when to ask again, and is not avoided for that
  const isBuilding = error.code === 'not-ready';
  const failures = isBuilding ? 1 : state.refusals + 1;
  // else a result that is there goes on
  const isGone = attachment.room === null || error.code === 'unknown-subscription';
  const source = isGone && link === state.source ? null : state.source;
  const room = isGone ? null : attachment.room;
  return {
    state: attach({ ...state, source, refusals: failures }, link, {
      ...attachment,
      phase: isBuilding ? 'building' : 'waiting',
      room,
    }),
    effects: [{ type: 'retry', link, failures, retryAfterMs: error.retryAfterMs ?? 0 }],
  };
}

/** An older link that was ignored until now is asked again. */
function down(state: SearchState, link: number): SearchStep {
  const attachments = new Map(state.attachments);
  attachments.delete(link);
  const source = link === state.source ? null : state.source;
  let step = unchanged({ ...state, attachments, source });
  if (source !== null) return step;
  for (const [other, { phase }] of attachments) if (phase === 'standing') step = then(step, request(step.state, other));
  return step;
}

function ended(state: SearchState, error: HubClientError | null): SearchStep {
  const links = state.isOnce ? [] : [...state.attachments.keys()];
  const leaves = links.map((link): SearchEffect => ({ type: 'leave', link }));
  return {
    state: { ...state, source: null, isEnded: true, attachments: new Map() },
    effects: [...leaves, { type: 'end', error }],
  };
}

/** Asks for what is wanted on one link; the deltas of the result before go on meanwhile. */
function request(state: SearchState, link: number): SearchStep {
  const room = state.attachments.get(link)?.room ?? null;
  const { wanted } = state;
  return {
    state: attach(state, link, { phase: 'searching', asked: wanted, room }),
    effects: [{ type: 'request', link, asked: wanted }],
  };
}

function isToBeAsked({ phase }: Attachment): boolean {
  return phase === 'waiting' || phase === 'building';
}

function attach(state: SearchState, link: number, attachment: Attachment): SearchState {
  return { ...state, attachments: new Map(state.attachments).set(link, attachment) };
}

function then(before: SearchStep, after: SearchStep): SearchStep {
  return { state: after.state, effects: [...before.effects, ...after.effects] };
}

function unchanged(state: SearchState): SearchStep {
  return { state, effects: [] };
}

function notOffered(): HubClientError {
  const message = 'this hub does not search: none of its processes here has the component search';
  return new HubClientError('not-supported', message, { retryable: false });
}
