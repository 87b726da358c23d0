import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Part } from '../part/part.ts';
import type { NodeContext } from './node-context.ts';

type MakePart = (node: NodeContext) => Part | Promise<Part>;

/**
 * What can run in processes of its own, in the order in which a node makes and starts it. The code of a component is
 * loaded where it runs.
 */
const components = {
  gateway: async () => (await import('../session/gateway-part.ts')).createGatewayPart,
  ingest: async () => (await import('../ingest/ingest-part.ts')).createIngestPart,
  worker: async () => (await import('../worker/worker-part.ts')).createWorkerPart,
  search: async () => (await import('../search/search-part.ts')).createSearchPart,
  api: async () => (await import('../api/api-part.ts')).createApiPart,
} satisfies Readonly<Record<string, () => Promise<MakePart>>>;

export type Component = keyof typeof components;

export const componentNames: readonly string[] = Object.keys(components);

function isComponent(name: string): name is Component {
  return Object.hasOwn(components, name);
}

/** Loads how a component is made. */
export async function loadComponent(name: Component): Promise<MakePart> {
  return components[name]();
}

/** The chosen ones in the order in which they are made. */
export function inOrder(chosen: ReadonlySet<Component>): readonly Component[] {
  return componentNames.filter(isComponent).filter((name) => chosen.has(name));
}

/** @throws HubError config-invalid for an unknown name, and for a part of an embedded hub: its storage has one process */
export function parseComponents(text: string | undefined, mode: 'embedded' | 'cluster'): ReadonlySet<Component> {
  const names = text === undefined ? componentNames : text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isComponent(name));
  if (unknown.length > 0)
    throw new HubError(
      'config-invalid',
      `--components: ${unknown.join(', ')} unknown; choose from ${componentNames.join(', ')}`,
    );
  const chosen = new Set(names.filter(isComponent));
  if (mode === 'embedded' && chosen.size < componentNames.length) {
    throw new HubError(
      'config-invalid',
      '--components: embedded storage has one process, so it runs all components; set PURSIGHT_KAFKA_BROKERS, PURSIGHT_MONGO_URL and PURSIGHT_REDIS_URL to run them apart',
    );
  }
  return chosen;
}
