/**
 * How long does it take to follow lineage through many relationships, embedded and in MongoDB? In this process, on the store
 * alone, one request after the other. See bench/README.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEmbeddedCatalogStore } from '../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment } from '../adapters/embedded/embedded-environment.ts';
import { createMongoCatalogStore } from '../adapters/mongo/mongo-catalog-store.ts';
import { applyChange } from '../channels/catalog/apply-change.ts';
import type { Change } from '../channels/catalog/change.ts';
import { classOf } from '../channels/policy/policy-class.ts';
import type { CatalogStore } from '../channels/ports/catalog-store.ts';
import { identityMask } from '../channels/wire/mask.ts';
import { LineageGraph } from '../server/catalog/lineage/lineage-graph.ts';
import { LineageWalk } from '../server/catalog/lineage/lineage-walk.ts';
import { AdmissionQueue } from '../server/delivery/past/admission-queue.ts';
import { ThreadTurns } from '../server/turns/thread-turns.ts';
import { percentile } from './load/percentile.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    relationships: { type: 'string', default: '50000' },
    requests: { type: 'string', default: '500' },
    mongo: { type: 'string' },
  },
});
const [relationships, requests] = [Number(values.relationships), Number(values.requests)];
const tenant = 'bench';
/** Each feeds some of the layer behind its own. */
const [layers, fanOut] = [20, 5];
const perLayer = Math.round(relationships / fanOut / (layers - 1));

const facts = {
  ...{ tenant, connector: 'bench', source: '/bench', messageId: 'm', ordinal: 0, time: '2026-05-04T08:00:00.000Z' },
  ...({ completeness: 'state', replay: false, nativeId: 'n', authtype: 'system' } as const),
  origin: { system: 'bench', transport: 'import' },
} as const;
const context = { recordedAt: '2026-05-04T09:00:00.000Z', parentsOf: () => [] };

function urnOf(layer: number, place: number): string {
  return `urn:gov:bench:${layer}-${place % perLayer}`;
}

function* changes(): Generator<Change> {
  for (let layer = 0; layer < layers; layer++)
    for (let place = 0; place < perLayer; place++) {
      const urn = urnOf(layer, place);
      const patch = { type: 'table', name: urn, domain: `d${place % 20}`, description: 'A table of the bench' };
      yield { ...facts, urn, target: 'asset', action: 'upsert', patch };
      for (let edge = 0; edge < fanOut && layer + 1 < layers; edge++) {
        const to = urnOf(layer + 1, place * 7 + edge * 13);
        const ends = { type: 'lineage', from: urn, to, lineage: true };
        yield { ...facts, urn: `${urn}:${edge}`, target: 'relationship', action: 'upsert', patch: ends };
      }
    }
}

async function fill(store: CatalogStore): Promise<number> {
  const none = { outbox: [], positions: [], messageIds: [], deadLetters: [], partials: [], completedPartials: [] };
  let edges = 0;
  let documents: { document: NonNullable<ReturnType<typeof applyChange>>['document']; expectedVersion: 0 }[] = [];
  const flush = async (): Promise<void> => {
    const result = await store.commit({ ...none, documents });
    if (!result.ok) throw new Error(`conflict: ${result.conflict}`);
    documents = [];
  };
  for (const change of changes()) {
    const applied = applyChange(undefined, change, context);
    if (applied === undefined) throw new Error('every change makes a document');
    if (change.target === 'relationship') edges += 1;
    documents.push({ document: applied.document, expectedVersion: 0 });
    if (documents.length === 500) await flush();
  }
  if (documents.length > 0) await flush();
  return edges;
}

interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly nodes: number;
}

async function measure(store: CatalogStore, depth: number, maxNodes: number, times: number): Promise<Times> {
  const policy = { version: 1, roles: { all: [{ allow: 'read' }] } } as const;
  const policyClass = classOf(policy, { tenant, sub: 'ada', roles: ['all'], claims: {}, expiresAtMs: 0 });
  const options = {
    store,
    turns: new ThreadTurns({ elapsedMs: () => performance.now() }),
    slices: new AdmissionQueue(2),
  };
  const took: number[] = [];
  let nodes = 0;
  for (let request = 0; request < times; request++) {
    const urn = urnOf(request % (layers - depth > 0 ? layers - depth : 1), request * 31);
    const started = performance.now();
    const [start] = await store.getMany([{ tenant, urn }]);
    if (start === undefined) throw new Error(`${urn} is missing`);
    const graph = new LineageGraph(identityMask, { maxNodes, maxCharacters: 4 * 1024 * 1024 });
    graph.add(start, 0);
    const path = { start: urn, direction: 'downstream', depth, isLate: () => false } as const;
    const walk = new LineageWalk(options, policyClass, graph, path);
    while ((await walk.level()) === 'more');
    took.push(performance.now() - started);
    nodes = Math.max(nodes, graph.nodes.length);
  }
  took.sort((a, b) => a - b);
  const ms = (share: number): number => Number(percentile(took, share).toFixed(1));
  return { p50Ms: ms(0.5), p99Ms: ms(0.99), nodes };
}

async function bench(store: CatalogStore): Promise<object> {
  const edges = await fill(store);
  const depth1 = await measure(store, 1, 1000, requests);
  const depth3 = await measure(store, 3, 1000, requests);
  const impact = await measure(store, 20, 5000, Math.ceil(requests / 25));
  return { edges, depth1, depth3, impact };
}

async function embedded(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-lineage-'));
  const environment = await createEmbeddedEnvironment({ folder });
  try {
    return await bench(createEmbeddedCatalogStore({ environment }));
  } finally {
    await environment.close();
    rmSync(folder, { recursive: true });
  }
}

async function inMongo(url: string): Promise<object> {
  const store = await createMongoCatalogStore({
    url: url.replace('/?', `/bench-lineage-${Date.now()}?`),
    appName: 'bench',
  });
  try {
    return await bench(store);
  } finally {
    await store.close();
  }
}

const result = {
  bench: 'lineage',
  params: { relationships, requests, layers, fanOut },
  embedded: await embedded(),
  ...(values.mongo === undefined ? {} : { mongo: await inMongo(values.mongo) }),
};
console.log(JSON.stringify(result, undefined, values.json ? undefined : 2));
