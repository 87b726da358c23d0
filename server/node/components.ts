import { HubError } from '../../channels/protocol/hub-error.ts';

/** Parts of a hub that can run in processes of their own. */
export const componentNames = ['gateway', 'ingest', 'worker', 'api'] as const;
export type Component = (typeof componentNames)[number];

/** @throws HubError config-invalid for an unknown name, and for a part of an embedded hub: its storage has one process */
export function parseComponents(text: string | undefined, mode: 'embedded' | 'cluster'): ReadonlySet<Component> {
  const names = text === undefined ? [...componentNames] : text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !componentNames.includes(name as Component));
  if (unknown.length > 0)
    throw new HubError(
      'config-invalid',
      `--components: ${unknown.join(', ')} unknown; choose from ${componentNames.join(', ')}`,
    );
  const chosen = new Set(names as Component[]);
  if (mode === 'embedded' && chosen.size < componentNames.length) {
    throw new HubError(
      'config-invalid',
      '--components: embedded storage has one process, so it runs all components; set PURSIGHT_KAFKA_BROKERS, PURSIGHT_MONGO_URL and PURSIGHT_REDIS_URL to run them apart',
    );
  }
  return chosen;
}
