import { covers } from '../position/vector.ts';
import type { IndexPosition } from '../ports/search-index.ts';

/** Whether `one` lacks something of the log that `other` has. Of different epochs nobody can say: the later one was followed to. */
export function isBehind(one: IndexPosition | undefined, other: IndexPosition | undefined): boolean {
  if (other === undefined) return false;
  return one === undefined || (one.epoch === other.epoch && !covers(one.vector, other.vector));
}
