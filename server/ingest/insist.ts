import { setTimeout as pause } from 'node:timers/promises';
import { HubError } from '../../channels/protocol/hub-error.ts';

const pausesMs = [250, 500, 1000];

/**
 * What nobody has foreseen (`internal`) may be a fault of the moment, a connection that broke in a way for which a driver has
 * no name. So it is tried again before a record is blamed for it, and given up. Rejects with the last fault, and at once
 * with one that has a name.
 */
export async function insist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (HubError.from(error).code !== 'internal') throw error;
      await pause(pauseMs);
    }
  }
  return work();
}
