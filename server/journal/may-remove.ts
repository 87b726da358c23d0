import { assertDeclared, declaredFormsKey } from '../../channels/forms/declared-forms.ts';
import { NewerForm } from '../../channels/forms/form-of.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';

export interface MayRemoveOptions {
  readonly meta: Pick<MetaStore, 'getMeta'>;
  /** This node has to stop. */
  readonly onNewer: (error: NewerForm) => void;
}

/**
 * Whether this release reads all that is stored. To be asked before each round that removes by time or number: such a round
 * looks at the keys and times of records and not at their form, so it would remove what it does not understand, by rules
 * that may no longer hold. A newer release declares its forms before it writes the first record, and what it writes while a
 * round runs is younger than any retention.
 * @throws storage-unavailable
 */
export async function mayRemove({ meta, onNewer }: MayRemoveOptions): Promise<boolean> {
  try {
    assertDeclared(await meta.getMeta(declaredFormsKey));
    return true;
  } catch (error) {
    if (!(error instanceof NewerForm)) throw error;
    onNewer(error);
    return false;
  }
}
