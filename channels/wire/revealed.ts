import type { HubEvent } from '../event/hub-event.ts';

/**
 * An event for somebody who may read its entity from now on and could not before: that there is an entity, as it is now.
 * What happened to it would say why it was hidden.
 */
export function revealed(event: HubEvent): HubEvent {
  const { data } = event;
  const type = data.heads.after?.kind === 'asset' ? 'gov.asset.updated.v1' : event.type;
  return { ...event, type, data: { ...data, change: { ...data.change, ops: [] } } };
}
