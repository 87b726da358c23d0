import { expect } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { eventually } from './eventually.ts';

/** As the publisher does it: what was not confirmed is sent again, in order. */
export async function appendUntilOk(log: EventLog, events: readonly HubEvent[], timeoutMs = 40_000): Promise<void> {
  let left = events;
  await eventually(async () => {
    const results = await log.append(left);
    left = left.filter((_, index) => results[index]?.ok !== true);
    expect(left).toEqual([]);
  }, timeoutMs);
}
