import type { HubEvent } from './hub-event.ts';

function isEvent(value: unknown): value is HubEvent {
  const { tenant, subject, data } = (value ?? {}) as Partial<HubEvent>;
  return (
    typeof tenant === 'string' &&
    typeof subject === 'string' &&
    typeof data?.version === 'number' &&
    typeof data.heads === 'object' &&
    data.heads !== null
  );
}

/** The event of a record of the log; undefined for what somebody else has written into it. */
export function parseEvent(text: string): HubEvent | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
