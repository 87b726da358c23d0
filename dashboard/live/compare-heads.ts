import type { HeadCompare } from './use-live-table.ts';

type HeadField = 'name' | 'type' | 'platform' | 'domain' | 'status';

/** Empty values last, equal ones by urn. */
export function comparing(field: HeadField, isDescending = false): HeadCompare {
  const sign = isDescending ? -1 : 1;
  return (one, other) => {
    const [a, b] = [one.entity[field] ?? '', other.entity[field] ?? ''];
    if (a !== b) return a === '' ? 1 : b === '' ? -1 : (a < b ? -1 : 1) * sign;
    return one.entity.urn < other.entity.urn ? -1 : 1;
  };
}
