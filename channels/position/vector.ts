/** One next-to-read offset per partition of the log: index = partition, value = first offset not yet processed. */
export type Vector = readonly number[];

/** True when `vector` has processed everything that `target` had. */
export function covers(vector: Vector, target: Vector): boolean {
  return target.every((offset, partition) => (vector[partition] ?? 0) >= offset);
}
