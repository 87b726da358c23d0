import type { ConnectorConfig } from '../config/hub-file.ts';
import type { Connector } from './connector.ts';

async function connectorOf(config: ConnectorConfig): Promise<Connector> {
  const { id, tenant, namespace, writes, scheme, source, topic } = config;
  const own = { id, tenant, namespace, writes, scheme: scheme ?? id };
  const profile = { ...own, ...(source === undefined ? {} : { source }) };
  return { profile, format: await config.format.create(config.options), system: config.format.name, topic };
}

/** The connectors of the configuration file by their ids, each with its format. */
export async function connectorsOf(configs: readonly ConnectorConfig[]): Promise<ReadonlyMap<string, Connector>> {
  const found = await Promise.all(configs.map(connectorOf));
  return new Map(found.map((connector) => [connector.profile.id, connector]));
}
