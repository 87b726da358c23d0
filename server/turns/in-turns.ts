import type { Turns } from '../../channels/ports/turns.ts';

/** Works through a list of one tenant without keeping the thread: others have their turns in between. */
export async function inTurns<Item>(
  { turns, tenant }: { readonly turns: Turns; readonly tenant: string },
  items: Iterable<Item>,
  work: (item: Item, index: number) => void,
): Promise<void> {
  let index = 0;
  for (const item of items) {
    if (turns.isOver) await turns.next(tenant, index > 0 ? 'begun' : undefined);
    work(item, index++);
  }
}
