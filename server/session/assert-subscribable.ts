import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';

/**
 * Whether a session with these subscriptions may have one more.
 * @throws HubError duplicate-subscription, too-many-subscriptions, invalid-request
 */
export function assertSubscribable(
  { id, mode, since, cursor }: SubscribeRequest,
  subscriptions: ReadonlyMap<string, unknown>,
  maxSubscriptions: number,
): void {
  if (subscriptions.has(id))
    throw new HubError('duplicate-subscription', `id: this session already has a subscription ${id}`);
  if (subscriptions.size >= maxSubscriptions) {
    throw new HubError(
      'too-many-subscriptions',
      `this session already has ${maxSubscriptions} subscriptions; unsubscribe some or use a wider filter`,
    );
  }
  if (since !== undefined && cursor !== undefined)
    throw new HubError('invalid-request', 'since: not together with cursor; a cursor already is a position');
  if (since !== undefined && mode === 'view')
    throw new HubError('invalid-request', 'since: a view shows the current state; leave it out, or use mode events');
}
