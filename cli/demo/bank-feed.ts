import { Bank } from './bank.ts';
import type { FeedItem } from './feed-message.ts';
import { createSeededRandom } from './seeded-random.ts';

/** What happens in the catalog of a bank, for ever. The same seed tells the same story. */
export function* bankFeed({ seed }: { readonly seed: number }): Generator<FeedItem, never> {
  const bank = new Bank(createSeededRandom(seed));
  for (;;) yield bank.next();
}
