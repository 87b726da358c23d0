/** Each text once, in the order of code units: lists that mean a set are equal where they hold the same. */
export function sortedOnce(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : [...new Set(texts)].toSorted();
}
