import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { parseUp, subscribeSchema } from '../../channels/protocol/up-schema.ts';
import { createSelection } from '../../channels/subscription/selection.ts';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { parsePosition } from './stream-position.ts';

const maxSubscriptions = 10;
/** Of a stream's only subscription. */
const onlyId = 'stream';
const ofPosition = ['handle', 'cursor'] as const;

/** A subscription, without what only a position has. @throws HubError as parseUp, and for an invalid selection */
function subscriptionOf(raw: JsonObject, place: string): SubscribeRequest {
  for (const name of ofPosition)
    if (name in raw)
      throw new HubError(
        'invalid-request',
        `${place}${name}: send the whole position as Last-Event-ID, or lastEventId`,
      );
  const request = parseUp(subscribeSchema, raw);
  createSelection(request.channel, request.filter, request);
  if (request.since !== undefined && request.mode === 'view')
    throw new HubError('invalid-request', `${place}since: a view starts with what there is; leave it out`);
  return request;
}

/** @throws HubError invalid-request naming the subscription */
function severalOf(value: unknown): readonly SubscribeRequest[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxSubscriptions)
    throw new HubError('invalid-request', `subscriptions: must be a list of 1 to ${maxSubscriptions}`);
  const requests = value.map((each: unknown, index) => {
    if (!isJsonObject(each)) throw new HubError('invalid-request', `subscriptions.${index}: must be an object`);
    return subscriptionOf(each, `subscriptions.${index}.`);
  });
  if (new Set(requests.map(({ id }) => id)).size < requests.length)
    throw new HubError('invalid-request', 'subscriptions: each must have an id of its own');
  return requests;
}

/**
 * What a stream is asked for: members of one subscription, or `subscriptions` with several, each with an id.
 * @throws HubError invalid-request, invalid-channel, invalid-filter, filter-too-large
 */
export function subscriptionsOf(members: JsonObject): readonly SubscribeRequest[] {
  const { subscriptions, ...single } = members;
  if (subscriptions === undefined) return [subscriptionOf({ ...single, id: onlyId }, '')];
  const [other] = Object.keys(single);
  if (other !== undefined) throw new HubError('invalid-request', `${other}: belongs into each of the subscriptions`);
  return severalOf(subscriptions);
}

/** With the position where a client stopped; where that is none, it starts as it was asked for. */
export function resumedFrom(
  requests: readonly SubscribeRequest[],
  position: string | undefined,
): readonly SubscribeRequest[] {
  if (position === undefined || position === '') return requests;
  const { cursor, handles } = parsePosition(position);
  return requests.map((request, index) => {
    const handle = handles[index] ?? '';
    if (handle === '') return request;
    const { since: _since, ...rest } = request;
    return { ...rest, cursor, handle };
  });
}
