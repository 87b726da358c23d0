import type { WireEvent } from '../../channels/protocol/down.ts';
import { identityMask } from '../../channels/wire/mask.ts';
import { defaultForm } from '../../channels/wire/form.ts';
import { carriedDocument, EventMaker } from '../../channels/wire/wire-event.ts';
import { createOpaqueIds, firstIdKey } from '../../server/sealing/opaque-ids.ts';
import { benchEvents } from '../load/bench-events.ts';
import { benchSecret } from '../load/bench-token.ts';

/** A room name of the length that the hub gives. */
export const benchRoom = 'bench-room-0123456789a';

/** The very events that the hub sends, for the servers it is compared with. */
export function wireEvents(count: number): readonly WireEvent[] {
  const ids = createOpaqueIds(firstIdKey(benchSecret));
  return benchEvents(count).flatMap((event) => {
    const transition = event.data.heads.before === null ? 'enter' : 'update';
    const maker = new EventMaker(event, { id: ids.event(event), mask: identityMask });
    const text = maker.text(transition, defaultForm, carriedDocument(event));
    return text === undefined ? [] : [JSON.parse(text) as WireEvent];
  });
}

export function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
