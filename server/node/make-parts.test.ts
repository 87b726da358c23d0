import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createInProcessControlBus } from '../../adapters/embedded/in-process-control-bus.ts';
import { createInProcessControlTopic } from '../../adapters/embedded/in-process-control-topic.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { MemoryMeta } from '../../test/harness/memory-meta.ts';
import { noneIsNewer, silentLogger } from '../../test/harness/silence.ts';
import { testIndex } from '../../test/harness/test-index.ts';
import { testTurns } from '../../test/harness/test-turns.ts';
import { readSettings } from '../config/read-settings.ts';
import { createOutlet } from '../delivery/outlet/outlet.ts';
import { errorPages } from '../http/error-pages.ts';
import type { Route } from '../http/route.ts';
import type { HealthSource } from '../observability/health.ts';
import { createMetrics } from '../observability/metrics.ts';
import { LateOutbound } from '../part/outbound.ts';
import { createOpaqueIds } from '../sealing/opaque-ids.ts';
import { CurrentPolicy } from '../policy/current-policy.ts';
import { type Component, componentNames, parseComponents } from './components.ts';
import { healthRoutes } from './health-routes.ts';
import { makeParts, type NodeParts } from './make-parts.ts';
import type { NodeBase } from './node-context.ts';

const secret = 'a-secret-of-more-than-32-characters-0123456789';

function made(...components: readonly Component[]): Promise<NodeParts> {
  const base = {
    ...{ mode: 'embedded', node: 'n1', logger: silentLogger, metrics: createMetrics(), turns: testTurns() },
    settings: readSettings({ PURSIGHT_JWT_SECRET: secret, PURSIGHT_SECRET: secret }),
    secrets: { secret, previousSecrets: [], jwtSecret: secret },
    policy: new CurrentPolicy({ version: 1, roles: {} }),
    store: new MemoryMeta(),
    log: new MemoryEventLog(1),
    journal: new MemoryEventJournal(),
    leases: new MemoryEventJournal(),
    bus: createInProcessControlBus(),
    control: createInProcessControlTopic(),
    search: testIndex(),
    connectors: new Map(),
    clock: { now: () => Date.now(), elapsedMs: () => performance.now() },
    outbound: new LateOutbound(),
    ids: createOpaqueIds('test'),
    outlet: createOutlet([]),
    onNewer: noneIsNewer,
  };
  return makeParts(new Set(components), base as unknown as NodeBase);
}

it.each([
  [['worker'], 1, 'the worker alone'],
  [['ingest'], 2, 'what takes in, before what reads the topics'],
  [['gateway'], 2, 'who may come in, before who holds the connections'],
  [['search'], 2, 'who may come in, before the routes'],
  [['api'], 3, 'both before the routes'],
  [['gateway', 'ingest', 'worker', 'search', 'api'], 7, 'each once'],
] as const)('a process with %s makes %i parts: %s', async (components, count, _what) => {
  const { parts } = await made(...components);
  expect(parts.length).toBe(count);
});

it('only a gateway holds connections, and only a node with gateway, search or api has routes', async () => {
  const found = await Promise.all(
    (['gateway', 'ingest', 'worker', 'search', 'api'] as const).map((name) => made(name)),
  );
  expect(found.map(({ clients }) => clients !== undefined)).toEqual([true, false, false, false, false]);
  expect(found.map(({ parts }) => parts.some(({ routes = [] }) => routes.length > 0))).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

it('parts are made in the order of the table, however they are asked for', async () => {
  const one = await made('gateway', 'ingest', 'worker', 'search', 'api');
  const other = await made('api', 'search', 'worker', 'ingest', 'gateway');
  const shapes = ({ parts }: NodeParts): readonly string[] => parts.map((part) => Object.keys(part).join());
  expect(shapes(other)).toEqual(shapes(one));
  expect([...parseComponents(undefined, 'cluster')]).toEqual(componentNames);
});

describe('docs/http.md', () => {
  /** As routes are compared: a parameter has a place, its name is for readers. */
  const nameOf = (method: string, path: string): string =>
    `${method} ${path.replaceAll(/[:*]\w+|<\w+>/g, '<>').replace(/\?.*$/, '')}`;

  /** Every route of the table, with what its line says that it needs. */
  const described = readFileSync('docs/http.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => {
      const [, names = '', needs = ''] = line.split('|');
      const routes = [...names.matchAll(/`([A-Z]+) (\/[^`]*)`/g)];
      return routes.map(([, method = '', path = '']) => ({ name: nameOf(method, path), needs }));
    });

  async function declared(): Promise<readonly Route[]> {
    const { parts } = await made('gateway', 'ingest', 'worker', 'search', 'api');
    const health = healthRoutes({ health: {} as HealthSource, refreshGauges: () => undefined }, createMetrics());
    return [...health, ...errorPages, ...parts.flatMap(({ routes = [] }) => routes)];
  }

  it('describes every route that a part declares, each once, and no other', async () => {
    const names = (await declared()).map(({ method, path }) => nameOf(method, path));
    expect(described.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  it('says what each needs; of the API only sign-in and the pages of errors need no token', async () => {
    for (const { method, path, access } of await declared()) {
      const name = nameOf(method, path);
      const { needs = '' } = described.find((each) => each.name === name) ?? {};
      const isOpen = !path.startsWith('/v1/') || /^\/v1\/(session(\/|$)|errors\/)/.test(path);
      expect(access === 'public', name).toBe(isOpen);
      if (access === 'public') expect(needs, name).toContain('nothing');
      else if (access === 'signed-in' || access === 'own') expect(needs, name).toMatch(/read|ingest/);
      else expect(needs, name).toContain(access);
    }
  });
});
