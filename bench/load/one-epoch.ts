import type { EpochStore, LogEpoch } from '../../channels/ports/epoch-store.ts';

/** A log that stays in the epoch in which a new deployment begins. */
export function oneEpoch(): EpochStore {
  return {
    read: async () => undefined,
    since: async () => [],
    begin: async (wish) => {
      const only: LogEpoch = { ...wish, epoch: '1' };
      await wish.prepare(only);
      return only;
    },
  };
}
