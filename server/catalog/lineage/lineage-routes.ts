import { z } from 'zod';
import { principalKey } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Impact, Lineage, LineageCut } from '../../../channels/protocol/lineage.ts';
import { maskOf } from '../../../channels/wire/mask.ts';
import { AdmissionQueue } from '../../delivery/past/admission-queue.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import { parameter, type Query, wholeNumber } from '../../http/query.ts';
import { type Route, route, type SignedInRequest } from '../../http/route.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import { findAsset } from '../resources/find-entity.ts';
import { impactOf } from './impact.ts';
import * as contracts from './lineage-contracts.ts';
import { type GraphBounds, LineageGraph } from './lineage-graph.ts';
import { type Direction, LineageWalk } from './lineage-walk.ts';

export interface LineageRoutesOptions {
  readonly store: Pick<DocumentStore, 'find' | 'getMany'>;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'fetched'>;
  /** @default 5 s */
  readonly lineageTimeMs?: number;
}

const bounds = {
  /** Of one answer, which is held as a whole until the client has taken it. */
  lineage: { maxNodes: 1000, maxCharacters: 512 * 1024 },
  /** Only counted. */
  impact: { maxNodes: 5000, maxCharacters: 4 * 1024 * 1024 },
} as const satisfies Readonly<Record<string, GraphBounds>>;

/** Graphs that are followed at once. */
const slicesAtOnce = 2;
const usualTimeMs = 5000;
const ways: Readonly<Record<string, readonly Direction[]>> = {
  upstream: ['upstream'],
  downstream: ['downstream'],
  both: ['upstream', 'downstream'],
};

/** @throws HubError invalid-request */
function directions(raw = 'both', name = 'direction'): readonly Direction[] {
  const found = Object.hasOwn(ways, raw) ? ways[raw] : undefined;
  if (found === undefined)
    throw new HubError('invalid-request', `${name}: must be one of ${Object.keys(ways).join(', ')}`);
  return found;
}

const schema = z.enum(Object.keys(ways)).meta({ default: 'both' });
const about = 'Edges from the asset, at most.';
const lineageQuery = {
  direction: parameter({ about: 'Where to look.', schema, example: 'downstream' }, directions),
  depth: wholeNumber({ about, fallback: 3, max: 20, example: '2' }),
};
const impactQuery = { depth: wholeNumber({ about, fallback: 20, max: 20, example: '5' }) };

interface Found {
  readonly graph: LineageGraph;
  readonly cut: LineageCut | undefined;
}

/** Level by level, so that where there is no place for all both directions have their nearest. */
async function followAll(walks: readonly LineageWalk[]): Promise<LineageCut | undefined> {
  let cut: LineageCut | undefined;
  for (let open = walks; open.length > 0;) {
    const next: LineageWalk[] = [];
    for (const walk of open) {
      const result = await walk.level();
      if (result === 'more') next.push(walk);
      else if (result !== 'end') cut = result;
    }
    open = next;
  }
  return cut;
}

/** What leads to an asset and what depends on it, as far as the caller may see. */
export function lineageRoutes(options: LineageRoutesOptions): readonly Route[] {
  const { store, policy, outlet, lineageTimeMs = usualTimeMs } = options;
  const slices = new AdmissionQueue(slicesAtOnce);

  const graphOf = async (
    { params, principal }: Pick<SignedInRequest<unknown, undefined>, 'params' | 'principal'>,
    {
      wanted,
      depth,
      within,
    }: { readonly wanted: readonly Direction[]; readonly depth: number; readonly within: GraphBounds },
  ): Promise<Found> => {
    const until = performance.now() + lineageTimeMs;
    const policyClass = policy.classOf(principal);
    const asset = await findAsset(store, policyClass, params['urn'] ?? '');
    const graph = new LineageGraph(maskOf(policyClass), within);
    graph.add(asset, 0);
    const path = { start: asset.urn, depth, isLate: () => performance.now() > until };
    const walks = wanted.map(
      (direction) => new LineageWalk({ ...options, slices }, policyClass, graph, { ...path, direction }),
    );
    const cut = await followAll(walks);
    outlet.fetched({ owner: principalKey(principal) }, graph.delivered);
    return { graph, cut };
  };

  const lineage = async (request: SignedInRequest<Query<typeof lineageQuery>, undefined>): Promise<Lineage> => {
    const { direction: wanted, depth } = request.query;
    const { graph, cut } = await graphOf(request, { wanted, depth, within: bounds.lineage });
    return { nodes: graph.nodes, edges: graph.edges, ...(cut === undefined ? {} : { cut }) };
  };

  const impact = async (request: SignedInRequest<Query<typeof impactQuery>, undefined>): Promise<Impact> => {
    const { depth } = request.query;
    const { graph, cut } = await graphOf(request, { wanted: ['downstream'], depth, within: bounds.impact });
    return { ...impactOf(graph.nodes), ...(cut === undefined ? {} : { cut }) };
  };

  const common = { method: 'GET', access: 'signed-in' } as const;
  return [
    route({
      ...{ ...common, path: '/v1/assets/:urn/lineage', contract: contracts.lineageContract, query: lineageQuery },
      answer: contracts.lineageAnswer,
      handle: lineage,
    }),
    route({
      ...{ ...common, path: '/v1/assets/:urn/impact', contract: contracts.impactContract, query: impactQuery },
      answer: contracts.impactAnswer,
      handle: impact,
    }),
  ];
}
