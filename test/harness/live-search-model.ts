import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { scan } from '../../adapters/contract/search-index-model.ts';
import type { OpenedSearchIndex } from '../../adapters/contract/search-samples.ts';
import { isGone } from '../../channels/catalog/document.ts';
import { classOf } from '../../channels/policy/policy-class.ts';
import type { IndexResult, SearchIndex } from '../../channels/ports/search-index.ts';
import { indexRowOf } from '../../channels/search/index-row.ts';
import { parseSearchRequest } from '../../channels/search/search-request.ts';
import { eventually } from './eventually.ts';
import { SearchClient } from './search-client.ts';
import { SearchWorld } from './search-world.ts';
import { queryOf } from '../../server/search/hits.ts';
import { Judge } from '../../server/search/judge.ts';

const policy = {
  version: 1,
  roles: {
    all: [{ allow: 'read' as const }],
    careful: [{ allow: 'read' as const }, { deny: 'read' as const, where: { domain: 'secret' } }],
  },
};

const words = ['customer', 'orders', 'custmer', 'invoice', 'data', 'base', 'database', 'old', 'eu'];
const text = fc.array(fc.constantFrom(...words), { maxLength: 3 }).map((some) => some.join('_'));
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const;
const firstNames = ['customer orders', 'orders', 'custmer', 'database', 'data_base old', 'invoice'];
const name = fc.constantFrom(...names);
const fields = fc.record(
  {
    name: text.map((each) => each || 'x'),
    aliases: fc.subarray(['customerOrders', 'base data'], { maxLength: 1 }),
    domain: fc.constantFrom('retail', 'secret'),
    status: fc.constantFrom('active' as const, 'active' as const, 'deprecated' as const, 'deleted' as const),
    terms: fc.subarray(['revenue', 'old']),
  },
  { requiredKeys: [] },
);

const request = fc.record(
  {
    q: fc.oneof(
      text.map((some) => some.replaceAll('_', ' ')),
      fc.constantFrom('', 'cust', 'customer -old', 'custmoer orders ', 'data', '"orders"'),
    ),
    strategy: fc.constantFrom('all', 'last'),
    filter: fc.constantFrom({}, { domain: 'retail' }, { status: { $ne: 'deprecated' } }, { domain: { $exists: true } }),
    facets: fc.subarray(['domain', 'status']),
    sort: fc.constantFrom([], ['name'], ['-domain', 'name']),
    limit: fc.constantFrom(1, 2, 5, 20),
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('change' as const), name, fields, isLarge: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      client: fc.nat(2),
      id: fc.constantFrom('s', 't'),
      request,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('end' as const), client: fc.nat(2), id: fc.constantFrom('s', 't') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('lag' as const, 'away' as const, 'back' as const, 'lose' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('some' as const), batches: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 8) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const roles = ['all', 'careful', 'careful'];

interface Result extends Pick<IndexResult, 'total' | 'facets'> {
  /** Urn and version of each. */
  readonly hits: readonly string[];
}

class Run {
  readonly world: SearchWorld;
  readonly clients: SearchClient[] = [];
  readonly wanted = new Map<string, { readonly client: number; readonly id: string; readonly request: object }>();
  readonly #asking = new Set<Promise<void>>();
  #rev = 0;

  constructor(index: SearchIndex) {
    this.world = new SearchWorld(policy, index);
  }

  async start(): Promise<void> {
    for (const [index, each] of firstNames.entries())
      await this.#change({ kind: 'change', name: names[index] ?? 'a', fields: { name: each }, isLarge: false });
    await this.world.start();
    for (const role of roles) {
      const auth = { subscriptions: [{ id: 'feed', channel: 'assets', shape: 'document' }] };
      const connection = await this.world.connect({ roles: [role], sub: `who is ${role}` }, auth);
      this.clients.push(new SearchClient(connection));
    }
  }

  async take(step: Step): Promise<void> {
    const { index, live } = this.world;
    if (step.kind === 'change') await this.#change(step);
    if (step.kind === 'wait') await pause(step.ms);
    if (step.kind === 'lag') index.isLagging = true;
    if (step.kind === 'away') index.isAway = true;
    if (step.kind === 'some') await index.catchUp(step.batches);
    if (step.kind === 'lose') live.lost();
    if (step.kind === 'back') await this.#back();
    if (step.kind === 'search') await this.#search(step);
    if (step.kind === 'end') this.#end(step);
  }

  async settle(): Promise<void> {
    await this.#back();
    await Promise.all(this.#asking);
    await eventually(async () => expect(await this.world.isQuiet()).toBe(true), { timeoutMs: 20_000 });
    for (const client of this.clients) client.read();
  }

  /** What each search should have. */
  *expected(): Generator<{
    readonly what: string;
    readonly held: { [Member in keyof Result]: Result[Member] | undefined };
    readonly scanned: Result;
  }> {
    const rows = [...this.world.documents.documents.values()]
      .filter((each) => !isGone(each))
      .map((each) => indexRowOf(each, each.head).row);
    for (const { client, id, request: asked } of this.wanted.values()) {
      const parsed = parseSearchRequest(asked);
      const who = { tenant: 'acme', sub: '', claims: {}, expiresAtMs: 0, roles: [roles[client] ?? ''] };
      const judge = new Judge(parsed, classOf(policy, who));
      const { hits, ...counts } = scan(rows, queryOf(judge, parsed.limit));
      const held = this.clients[client]?.searches.get(id);
      const shown = held?.hits.map(({ entity: { urn, fqn } }) => `${urn} ${fqn}`);
      const scanned = hits.map(({ urn, version }) => `${urn} v${version}`);
      yield {
        what: `${client} ${id} ${JSON.stringify(asked)}`,
        held: { hits: shown, total: held?.total, facets: held?.facets },
        scanned: { hits: scanned, ...counts },
      };
    }
  }

  /** The version is what a hit shows as its fqn. */
  async #change({ name: changed, fields: given, isLarge }: Extract<Step, { kind: 'change' }>): Promise<void> {
    const { world, documents } = this.world;
    const version = (documents.documents.get(`acme|urn:${changed}`)?.version ?? 0) + 1;
    await world.change(changed, { ...given, fqn: `v${version}` }, isLarge ? 'large' : 'small');
  }

  async #back(): Promise<void> {
    const { index } = this.world;
    index.isAway = false;
    index.isLagging = false;
    await index.catchUp();
  }

  async #search({ client, id, request: asked }: Extract<Step, { kind: 'search' }>): Promise<void> {
    this.#rev += 1;
    const key = `${client} ${id}`;
    this.wanted.set(key, { client, id, request: asked });
    const rev = this.#rev;
    // an index that is away for long is asked again, as a client does
    const ask = async (): Promise<void> => {
      const answer = await this.clients[client]?.search({ id, rev, ...asked } as never);
      const { ok, error } = answer as { ok: boolean; error?: { retryable: boolean } };
      if (ok || error?.retryable !== true || this.wanted.get(key)?.request !== asked) return;
      await pause(5);
      await ask();
    };
    const asking = ask().finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    await Promise.race([asking, pause(3)]);
  }

  #end({ client, id }: Extract<Step, { kind: 'end' }>): void {
    this.wanted.delete(`${client} ${id}`);
    this.clients[client]?.searches.delete(id);
    void this.clients[client]?.end(id);
  }
}

export interface LiveSearchModelOptions {
  readonly runs: number;
  /** An empty index, and what removes it. */
  readonly create: () => Promise<OpenedSearchIndex>;
  /** An engine that does not count everything: counts that it withholds are not compared. */
  readonly withholdsCounts?: boolean;
}

/** Takes any steps; when they end, each search has to have what a scan of all documents finds. */
export async function checkLiveSearches({
  runs,
  create,
  withholdsCounts = false,
}: LiveSearchModelOptions): Promise<void> {
  const seen = { hits: 0, enter: 0, move: 0, leave: 0, update: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
      const { index, dispose } = await create();
      const run = new Run(index);
      try {
        await run.start();
        for (const each of steps) await run.take(each);
        await run.settle();
        for (const { what, held, scanned } of run.expected()) {
          const isWithheld = withholdsCounts && held.total?.relation === 'atLeast';
          expect(isWithheld ? { hits: held.hits } : held, what).toEqual(isWithheld ? { hits: scanned.hits } : scanned);
          seen.hits += scanned.hits.length;
        }
        for (const { faults, counts } of run.clients) {
          expect(faults).toEqual([]);
          for (const kind of ['enter', 'move', 'leave', 'update'] as const) seen[kind] += counts[kind] ?? 0;
        }
      } finally {
        await run.world.stop();
        await dispose();
      }
    }),
    { numRuns: runs, endOnFailure: withholdsCounts },
  );
  expect(seen.hits).toBeGreaterThan(0);
  // of many runs every kind of change is in some
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThanOrEqual(Math.floor(runs / 70));
}
