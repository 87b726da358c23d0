import type { DamagedRecord, OnDamaged } from '../ports/damaged-record.ts';
import { NewerForm } from './form-of.ts';

/**
 * What `read` gives of one record of a page; undefined, and reported, for one that cannot be read: it must not hide those
 * beside it. @throws NewerForm: such a record is not damaged, and this node has to stop
 */
export function readOrReport<Value>(
  record: Pick<DamagedRecord, 'kind' | 'id'>,
  read: () => Value | undefined,
  onDamaged: OnDamaged,
): Value | undefined {
  try {
    const value = read();
    if (value === undefined) onDamaged(record);
    return value;
  } catch (error) {
    if (error instanceof NewerForm) throw error;
    onDamaged({ ...record, error });
    return undefined;
  }
}
