import { healthOf } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import { json, type Route } from '../http/router.ts';
import type { NodeStatus } from './node-status.ts';

/** For orchestrators and Prometheus; need no token, tell nothing of the catalog. */
export function healthRoutes(status: NodeStatus, metrics: Metrics): readonly Route[] {
  const source = status.health;
  return [
    { method: 'GET', path: '/healthz', handle: () => json({ status: 'alive', engine: source.engine }) },
    {
      method: 'GET',
      path: '/readyz',
      handle: async () => {
        const health = await healthOf(source);
        return json(health, health.ready ? 200 : 503);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => {
        status.refreshGauges();
        const { dependencies } = await healthOf(source);
        for (const [dependency, state] of Object.entries(dependencies))
          metrics.dependencyUp.set({ dependency }, state === 'up' ? 1 : 0);
        return {
          status: 200,
          headers: { 'content-type': metrics.registry.contentType },
          body: await metrics.registry.metrics(),
        };
      },
    },
  ];
}
