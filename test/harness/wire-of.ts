import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { AnyWireEvent } from '../../channels/protocol/down.ts';
import { defaultForm, type Form } from '../../channels/wire/form.ts';
import { identityMask } from '../../channels/wire/mask.ts';
import { EventMaker, type ShownDocument, type Transition } from '../../channels/wire/wire-event.ts';

/** An event as a client reads it: of a feed that asks for nothing in particular, unless a form is given. */
export function wireOf<Event extends AnyWireEvent>(
  event: HubEvent,
  transition: Transition,
  {
    id = 'id',
    form = defaultForm,
    shown,
  }: { readonly id?: string; readonly form?: Form; readonly shown?: ShownDocument | undefined } = {},
): Event | undefined {
  const text = new EventMaker(event, { id, mask: identityMask }).text(transition, form, shown);
  return text === undefined ? undefined : (JSON.parse(text) as Event);
}
