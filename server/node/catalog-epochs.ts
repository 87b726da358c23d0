import type { MetaStore } from '../../channels/ports/meta-store.ts';
import { withForm, withoutForm } from '../../channels/forms/form-of.ts';
import type { EpochStore, LogEpoch } from '../../channels/ports/epoch-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

interface StoredEpoch {
  readonly partitions: number;
  readonly place: string;
  readonly after?: string;
  readonly lost: boolean;
}

const inForceKey = 'epoch';

/**
 * Epochs among the settings of the catalog: `epoch` names the current one, `epoch.<name>` says what it is. The second
 * is written first and never changes, so a name that is used for something else is skipped.
 */
export function createCatalogEpochs(store: MetaStore): EpochStore {
  const load = async (epoch: string): Promise<LogEpoch> => {
    const text = await store.getMeta(`epoch.${epoch}`);
    if (text === undefined)
      throw new HubError(
        'log-mismatch',
        `the catalog refers to epoch ${epoch} of the log but has no record of it; restore the whole catalog`,
      );
    const { partitions, place, after, lost } = withoutForm('epoch', JSON.parse(text) as StoredEpoch);
    return { epoch, partitionCount: partitions, place, after, lost };
  };

  const read = async (): Promise<LogEpoch | undefined> => {
    const epoch = await store.getMeta(inForceKey);
    return epoch === undefined ? undefined : load(epoch);
  };

  const since = async (epoch: string): Promise<readonly LogEpoch[]> => {
    const path: LogEpoch[] = [];
    let name = await store.getMeta(inForceKey);
    while (name !== undefined && name !== epoch) {
      const found = await load(name);
      path.unshift(found);
      name = found.after;
    }
    return name === epoch ? path : path.slice(-1);
  };

  const begin: EpochStore['begin'] = async ({ after, partitionCount, place, lost, prepare }) => {
    for (let serial = Number(after ?? 0) + 1; (await store.getMeta(inForceKey)) === after; serial++) {
      const epoch = String(serial);
      const text = JSON.stringify(withForm('epoch', { partitions: partitionCount, place, after, lost }));
      if ((await store.putMetaIfAbsent(`epoch.${epoch}`, text)) !== text) continue;
      if (!(await prepare({ epoch, partitionCount, place, after, lost }))) continue;
      if (after === undefined) await store.putMetaIfAbsent(inForceKey, epoch);
      else await store.replaceMeta(inForceKey, after, epoch);
      break;
    }
    return (await read()) ?? begin({ after: undefined, partitionCount, place, lost, prepare });
  };

  return { read, since, begin };
}
