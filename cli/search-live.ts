import type {
  JsonObject,
  LiveSearch,
  SearchChange,
  SearchHit,
  SearchOptions,
  SearchResult,
} from '../client-sdk/index.ts';
import { parseSearchRequest } from '../channels/search/search-request.ts';
import type { CommandContext } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import type { HubFlags } from './hub-api.ts';
import { withLiveHub } from './live-hub.ts';
import { openLiveTable, type SearchView } from './live-table.ts';
import { oneLine } from './table.ts';

/** What was asked on the command line, as the HTTP API takes it. */
interface SearchBody {
  readonly q: string;
  readonly channel: string | undefined;
  readonly filter: JsonObject | undefined;
  readonly facets: readonly string[] | undefined;
  readonly sort: readonly string[] | undefined;
  readonly limit: number | undefined;
  readonly strategy: 'all' | 'last' | undefined;
  readonly highlight: boolean;
}

/** Said as for a search over HTTP. @throws HubError invalid-request, invalid-filter, invalid-channel */
function optionsOf({ q: _q, ...body }: SearchBody): SearchOptions {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const { facets, sort } = parseSearchRequest(given);
  const { channel, filter, limit, strategy, highlight } = body;
  return {
    ...(channel !== undefined && { channel }),
    ...(filter !== undefined && { filter }),
    ...(limit !== undefined && { limit }),
    ...(strategy !== undefined && { strategy }),
    facets,
    sort: sort.map(({ field, isDescending }) => (isDescending ? (`-${field}` as const) : field)),
    highlight,
  };
}

/** The result, then what became another with each change. */
function jsonView({ print }: CommandContext): SearchView {
  let before: SearchResult | undefined;
  return {
    result: (result) => {
      before = result;
      const { hits, total, facets, staleMs } = result;
      print(JSON.stringify({ hits, total, facets, staleMs }));
    },
    change: (changes, result) => {
      const total = result.total === before?.total ? undefined : result.total;
      const facets = result.facets === before?.facets ? undefined : result.facets;
      before = result;
      print(JSON.stringify({ changes, total, facets, staleMs: result.staleMs }));
    },
    close: () => undefined,
  };
}

/** A line for each hit, and for each change of one. */
function lineView({ print, complain }: CommandContext): SearchView {
  let held = new Map<string, SearchHit>();
  const line = (kind: SearchChange['kind'], urn: string): void => {
    const { name = '', type = '' } = held.get(urn)?.entity ?? {};
    print([kind.padEnd(6), oneLine(name), oneLine(type), urn].join('  ').trimEnd());
  };
  const take = ({ hits }: SearchResult): void =>
    void (held = new Map(hits.map((hit) => [hit.entity.urn, hit] as const)));
  const say = ({ total }: SearchResult): void =>
    complain(`[${total.relation === 'atLeast' ? 'at least ' : ''}${total.value} found]`);
  return {
    result: (result) => {
      const urns = new Set(result.hits.map(({ entity }) => entity.urn));
      const [before, gone] = [held, [...held.keys()].filter((urn) => !urns.has(urn))];
      for (const urn of gone) line('leave', urn);
      take(result);
      for (const urn of urns) if (!before.has(urn)) line('enter', urn);
      say(result);
    },
    change: (changes, result) => {
      for (const change of changes) if (change.kind === 'leave') line('leave', change.urn);
      take(result);
      for (const change of changes)
        if (change.kind !== 'leave') line(change.kind, 'hit' in change ? change.hit.entity.urn : change.urn);
      if (changes.length === 0) say(result);
    },
    close: () => undefined,
  };
}

/** Resolves never: rejects with why it ended. */
function ended(search: LiveSearch): Promise<number> {
  return new Promise((_, reject) => search.on('ended', reject));
}

/** @throws HubError what the hub or the client library says */
export async function searchLive(
  context: CommandContext,
  body: SearchBody,
  flags: HubFlags & { readonly json?: boolean },
): Promise<number> {
  const options = optionsOf(body);
  const table = !flags.json && process.stdout.isTTY ? openLiveTable() : undefined;
  const view = table ?? (flags.json ? jsonView(context) : lineView(context));
  const notes = table === undefined ? context : { ...context, complain: table.note };
  try {
    const result = await withLiveHub(notes, flags, { client: 'pursight search', wait: false }, async (hub) => {
      const search = hub.search(body.q, options);
      search.on('policy', () => notes.complain('[policy] your access rights have changed'));
      search.on('result', view.result);
      search.on('change', ({ changes, result: now }) => view.change(changes, now));
      return ended(search);
    });
    return result === 'stopped' ? exitCode.ok : result;
  } finally {
    view.close();
  }
}
