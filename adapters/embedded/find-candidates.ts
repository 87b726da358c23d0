import { compareText } from '../../channels/subscription/compare-text.ts';
import type { CatalogTables } from './catalog-tables.ts';
import { keysUnder } from './catalog-tables.ts';
import { namesOf, type Source, urnOfName } from './head-index.ts';
import type { SortedLists } from './sorted-lists.ts';

/** Some urns of a tenant, ascending. */
export interface Candidates {
  readonly urns: readonly string[];
  /** There may be more after the last of them. */
  readonly hasMore: boolean;
}

/** Names have another order than urns, so all that begin so are sorted again for each page: no more than that. */
const maxNames = 20_000;
const perTurn = 500;

/** The urns whose name begins so; undefined when they are too many. */
function named(lists: SortedLists, tenant: string, prefix: string): string[] | undefined {
  const urns: string[] = [];
  const list = namesOf(tenant);
  for (let after = prefix; urns.length <= maxNames;) {
    const page = lists.page(list, after);
    const matching = page.filter((entry) => entry.startsWith(prefix));
    urns.push(...matching.map(urnOfName));
    if (page.length === 0 || matching.length < page.length) return urns;
    after = page.at(-1) ?? after;
  }
  return undefined;
}

/** The next urns that are in one of the lists. */
function merged(lists: SortedLists, names: readonly string[], after: string): Candidates {
  const pages = names.map((name) => lists.page(name, after)).filter((page) => page.length > 0);
  // nothing beyond the shortest of them is known to be complete
  const until = pages.map((page) => page.at(-1) ?? '').toSorted(compareText)[0];
  if (until === undefined) return { urns: [], hasMore: false };
  const all = new Set(pages.flat().filter((urn) => compareText(urn, until) <= 0));
  return { urns: pages.length === 1 ? [...all] : [...all].toSorted(compareText), hasMore: true };
}

/** Documents of the tenant in their order, deleted ones too. */
function scanned(tables: CatalogTables, tenant: string, after: string): Candidates {
  const prefix = `${tenant}|`;
  const range = { ...keysUnder(prefix), start: prefix + after, exclusiveStart: true, limit: perTurn, snapshot: false };
  const urns = [...tables.documents.getKeys(range)].map((key) => key.slice(prefix.length));
  return { urns, hasMore: urns.length === perTurn };
}

type Next = (after: string) => Candidates;

function fromNames(urns: readonly string[]): Next {
  const sorted = [...urns].toSorted(compareText);
  return (after) => {
    const rest = sorted.filter((urn) => compareText(urn, after) > 0);
    return { urns: rest.slice(0, perTurn), hasMore: rest.length > perTurn };
  };
}

/** Goes through the source that has the fewest documents; through all of the tenant where there is none. */
export function candidates(
  tables: CatalogTables,
  lists: SortedLists,
  tenant: string,
  sources: readonly Source[],
): Next {
  let best: { readonly count: number; readonly next: Next } | undefined;
  for (const source of sources) {
    const most = best?.count ?? Number.POSITIVE_INFINITY;
    if (source.kind === 'lists') {
      const count = source.lists.reduce((sum, list) => sum + lists.count(list, most), 0);
      if (count < most) best = { count, next: (after) => merged(lists, source.lists, after) };
    } else {
      const urns = named(lists, tenant, source.prefix);
      if (urns !== undefined && urns.length < most) best = { count: urns.length, next: fromNames(urns) };
    }
  }
  return best?.next ?? ((after) => scanned(tables, tenant, after));
}
