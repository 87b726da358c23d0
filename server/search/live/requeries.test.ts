import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { IndexPosition } from '../../../channels/ports/search-index.ts';
import { classOf } from '../../../channels/policy/policy-class.ts';
import { parseSearchRequest } from '../../../channels/search/search-request.ts';
import { silentLogger } from '../../../test/harness/silence.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { Judge } from '../judge.ts';
import { Requeries } from './requeries.ts';
import { StandingSearch } from './standing-search.ts';

const policy = { version: 1, roles: { all: [{ allow: 'read' as const }] } };
const at: IndexPosition = { epoch: 'e', vector: [1] };
const nowMs = (): number => performance.now();

function searchOf(tenant: string, q: string): StandingSearch {
  const who = { tenant, sub: 'ada', claims: {}, expiresAtMs: 0, roles: ['all'] };
  const judge = new Judge(parseSearchRequest({ q }), classOf(policy, who));
  const { selection } = judge.request;
  const room = { name: q, selection, policyClass: judge.policyClass, members: 1, handle: undefined };
  const search = new StandingSearch({ judge, room, key: q, since: at, covers: () => true });
  search.isReady = true;
  search.soil('counts', at, nowMs());
  return search;
}

it('L11 searches of one tenant that need the index all the time have a part of the time, and those of another their turn', async () => {
  const runMs = 10;
  const runs: string[] = [];
  const requeries = new Requeries({
    index: { position: async () => at },
    find: async (search) => {
      runs.push(search.judge.policyClass.tenant);
      await pause(runMs);
      const result = { hits: [], total: { value: 0, relation: 'exact' }, facets: {}, position: at } as const;
      return { result, shown: [], refused: 0, tookMs: runMs };
    },
    covers: () => true,
    // it is not up to date, and never will be
    onFound: () => undefined,
    ...{ nowMs, logger: silentLogger, metrics: createMetrics() },
  });
  const startedMs = nowMs();
  for (let i = 0; i < 182; i++) requeries.want(searchOf('busy', `q${i}`));
  requeries.want(searchOf('quiet', 'q'));
  await pause(500);
  const elapsedMs = nowMs() - startedMs;
  await requeries.close();
  expect(runs).toContain('quiet');
  // it rests twice as long as it works
  expect((runs.length * runMs) / elapsedMs).toBeLessThan(0.7);
});
