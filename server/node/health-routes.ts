import { z } from 'zod';
import { json, jsonAnswer, jsonOf, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Route, route } from '../http/route.ts';
import { type Health, healthOf } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { HttpResponse } from '../transport/http.ts';
import type { NodeStatus } from './node-status.ts';

const up = z.enum(['up', 'down']);
const aliveSchema = z.object({ status: z.literal('alive'), engine: z.enum(['uws', 'ws']) });
const healthSchema = z
  .object({
    status: z.enum(['starting', 'ok', 'degraded', 'stalled', 'stopping']),
    ready: z.boolean(),
    node: z.string(),
    mode: z.enum(['embedded', 'cluster']),
    engine: z.enum(['uws', 'ws']),
    components: z.array(z.string()),
    stalled: z.array(z.string()),
    dependencies: z.object({
      ...{ catalog: up, log: up, controlBus: up },
      search: z.enum(['up', 'down', 'building']).exactOptional(),
    }),
  })
  .meta({ id: 'Health' }) satisfies z.ZodType<Health>;
const readyAnswer = ownResponse(
  jsonAnswer(healthSchema, { about: 'Ready' }),
  jsonAnswer(healthSchema, { status: 503, about: 'Not ready' }),
);
const metricsAnswer = ownResponse({ status: 200, about: 'OK', content: { 'text/plain': { schema: z.string() } } });
const common = { group: 'Health', params: {}, errors: [] } as const;
const contracts = {
  alive: { ...common, id: 'getLiveness', summary: 'Whether the process answers' },
  ready: { ...common, id: 'getReadiness', summary: 'Whether the node should get requests, and what it reaches' },
  metrics: { ...common, id: 'getMetrics', summary: 'Metrics for Prometheus' },
} as const satisfies Record<string, RouteContract>;

/** For orchestrators and Prometheus; need no token, reveal nothing of the catalog. */
export function healthRoutes(status: Pick<NodeStatus, 'health' | 'refreshGauges'>, metrics: Metrics): readonly Route[] {
  const { health } = status;
  const ready = async (): Promise<HttpResponse> => {
    const found = await healthOf(health);
    if (found.ready) return jsonOf(found);
    const response = jsonOf(found, 503);
    return { ...response, headers: { ...response.headers, 'retry-after': '1' } };
  };
  const numbers = async (): Promise<HttpResponse> => {
    status.refreshGauges();
    const { dependencies } = await healthOf(health);
    for (const [dependency, state] of Object.entries(dependencies))
      metrics.dependencyUp.set({ dependency }, state === 'up' ? 1 : 0);
    return {
      status: 200,
      headers: { 'content-type': metrics.registry.contentType },
      body: await metrics.registry.metrics(),
    };
  };
  const alive = (): object => ({ status: 'alive', engine: health.engine });
  const open = { method: 'GET', access: 'public' } as const;
  return [
    route({ ...open, path: '/healthz', contract: contracts.alive, answer: json(aliveSchema), handle: alive }),
    route({ ...open, path: '/readyz', contract: contracts.ready, answer: readyAnswer, handle: ready }),
    route({ ...open, path: '/metrics', contract: contracts.metrics, answer: metricsAnswer, handle: numbers }),
  ];
}
