import { json, jsonOf, ownResponse } from '../http/answers.ts';
import { type Route, route } from '../http/route.ts';
import { healthOf } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { HttpResponse } from '../transport/http.ts';
import type { NodeStatus } from './node-status.ts';

/** For orchestrators and Prometheus; need no token, reveal nothing of the catalog. */
export function healthRoutes(status: Pick<NodeStatus, 'health' | 'refreshGauges'>, metrics: Metrics): readonly Route[] {
  const { health } = status;
  const ready = async (): Promise<HttpResponse> => {
    const found = await healthOf(health);
    return jsonOf(found, found.ready ? 200 : 503);
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
  const common = { method: 'GET', access: 'public' } as const;
  return [
    route({ ...common, path: '/healthz', answer: json, handle: alive }),
    route({ ...common, path: '/readyz', answer: ownResponse, handle: ready }),
    route({ ...common, path: '/metrics', answer: ownResponse, handle: numbers }),
  ];
}
