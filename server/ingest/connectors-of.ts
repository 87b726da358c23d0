import type { MessageFormat } from '../../channels/ports/message-format.ts';
import type { ConnectorConfig } from '../config/hub-file.ts';
import type { Connector } from './connector.ts';

/** The connectors of the configuration file by their ids, each with its format. */
export function connectorsOf(
  configs: readonly ConnectorConfig[],
  formatOf: (config: ConnectorConfig) => MessageFormat,
): ReadonlyMap<string, Connector> {
  const entries = configs.map((config): [string, Connector] => {
    const { id, tenant, namespace, writes, scheme, source, superTypes, format, topic } = config;
    const own = { id, tenant, namespace, writes, scheme: scheme ?? id, superTypes };
    const profile = { ...own, ...(source === undefined ? {} : { source }) };
    return [id, { profile, format: formatOf(config), system: format, topic }];
  });
  return new Map(entries);
}
