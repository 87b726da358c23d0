import { HubError } from '../../channels/protocol/hub-error.ts';

/** Columns of an asset from behind one of them, by its key; `next` is the key of the last one if others follow. @throws HubError invalid-request */
export function columnPage<Column extends { readonly key?: unknown }>(
  all: readonly Column[],
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): { readonly columns: readonly Column[]; readonly next: Column['key'] | undefined } {
  const start = after === undefined ? 0 : all.findIndex(({ key }) => key === after) + 1;
  if (start === 0 && after !== undefined)
    throw new HubError('invalid-request', 'after: there is no such column any more; begin again without it');
  const columns = all.slice(start, start + limit);
  return { columns, next: start + limit < all.length ? columns.at(-1)?.key : undefined };
}
