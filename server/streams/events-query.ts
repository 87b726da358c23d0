import type { JsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { ndjson, ndjsonUntil } from './ndjson-format.ts';
import type { StreamRequest } from './stream-sessions.ts';
import { resumedFrom, subscriptionsOf } from './stream-request.ts';

const ofStream = ['after', 'until', 'follow'] as const;

function isFollowing(raw: string | null): boolean {
  if (raw === null || raw === 'false') return false;
  if (raw === 'true') return true;
  throw new HubError('invalid-request', 'follow: must be true or false');
}

/** In the form of `recordedtime`. */
function timeOf(raw: string): string {
  const ms = /^\d{4}-\d\d-\d\dT/.test(raw) ? Date.parse(raw) : Number.NaN;
  if (Number.isNaN(ms)) throw new HubError('invalid-request', 'until: must be an RFC 3339 time');
  return new Date(ms).toISOString();
}

/** What `GET /v1/events` is asked for. @throws HubError invalid-request, invalid-channel, invalid-filter, filter-too-large */
export function eventsQuery(
  query: URLSearchParams,
  membersOf: (query: URLSearchParams, others: readonly string[]) => JsonObject,
): Omit<StreamRequest, 'principal'> {
  const follows = isFollowing(query.get('follow'));
  const [after, until] = [query.get('after') ?? undefined, query.get('until') ?? undefined];
  const members = membersOf(query, ofStream);
  if ('subscriptions' in members || 'mode' in members)
    throw new HubError('invalid-request', 'this stream has the events of one feed; use GET /v1/stream for others');
  const subscriptions = subscriptionsOf({ channel: 'assets', ...members });
  const hasStart = after !== undefined || members['since'] !== undefined;
  if (after !== undefined && members['since'] !== undefined)
    throw new HubError('invalid-request', 'since: not together with after, which says more exactly where to go on');
  if (!follows && !hasStart)
    throw new HubError('invalid-request', 'since: say from when on, or after which cursor, or follow=true');
  if (follows && until !== undefined)
    throw new HubError('invalid-request', 'until: not together with follow=true, which has no end');
  return {
    subscriptions: resumedFrom(subscriptions, after),
    format: until === undefined ? ndjson : ndjsonUntil(timeOf(until)),
    follows,
    oftenPlaced: true,
    opening: '',
  };
}
