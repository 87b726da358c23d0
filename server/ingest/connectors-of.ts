import type { ConnectorConfig, HubFile } from '../config/hub-file.ts';
import type { Connector } from './connector.ts';
import type { HubAdapters } from '../node/hub-adapters.ts';

/** The connectors of the configuration file by their ids, each with its format. */
export function connectorsOf(file: HubFile, adapters: HubAdapters): ReadonlyMap<string, Connector> {
  const entries = file.connectors.map((config: ConnectorConfig): [string, Connector] => {
    const { id, tenant, namespace, writes, scheme, source, superTypes, format, topic } = config;
    const own = { id, tenant, namespace, writes, scheme: scheme ?? id, superTypes };
    return [
      id,
      {
        profile: { ...own, ...(source === undefined ? {} : { source }) },
        format: adapters.formatOf(config),
        system: format,
        topic,
      },
    ];
  });
  return new Map(entries);
}
