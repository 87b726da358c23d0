import type { EpochStore, LogEpoch } from '../../channels/ports/epoch-store.ts';
import { createCatalogEpochs } from '../../server/node/catalog-epochs.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';

/** The epochs of a deployment of one process. */
export function memoryEpochs(): EpochStore {
  return createCatalogEpochs(new MemoryMeta());
}

/** For a second process that is to take the first epoch as it finds it, and stay in it. */
export function onlyFirstEpoch(): EpochStore {
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
