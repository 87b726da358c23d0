import { setImmediate as nextTurn } from 'node:timers/promises';

const itemsPerTurn = 50;

/** Works through a list without keeping the thread: sessions of the same process and answers of the store come in between. */
export async function inTurns<Item>(items: readonly Item[], work: (item: Item, index: number) => void): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % itemsPerTurn === 0) await nextTurn();
    work(item, index);
  }
}

/** One long list after the other: two at once would only make both take twice as long. */
export class LongWork {
  #last: Promise<unknown> = Promise.resolve();

  /** Short lists need not wait. Rejects with what `work` throws. */
  run<Result>(items: number, work: () => Promise<Result>): Promise<Result> {
    if (items <= itemsPerTurn) return work();
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
