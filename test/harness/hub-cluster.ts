import { randomUUID } from 'node:crypto';
import { clusterEnvironment, type ClusterUrls } from './cluster-environment.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from './hub-process.ts';
import { record, type Recorder } from './recorder.ts';

export interface HubClusterOptions extends ClusterUrls {
  readonly name: string;
  readonly partitions?: number;
  /** Beside `events`, as in the configuration file. */
  readonly connectors?: readonly object[];
}

/** A deployment of several nodes with a connector `events` for messages by HTTP, and clients that see everything. */
export interface HubCluster {
  /** First part of the names of its topics. */
  readonly prefix: string;
  /** Settings of its nodes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly admin: string;
  /** `own`: settings of this node, beside and before those of all. `args`: of `serve`. */
  start(node: string, own?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<HubProcess>;
  listen(hub: Pick<HubProcess, 'url'>, name: string): Promise<Recorder>;
  dispose(): Promise<void>;
}

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
      steward: [{ allow: 'read' }],
    },
  },
};

export function createHubCluster(options: HubClusterOptions): HubCluster {
  const { name, partitions, connectors = [] } = options;
  const prefix = `${name}-${randomUUID().slice(0, 8)}`;
  const folder = scratchFolder();
  const hubs: HubProcess[] = [];
  const clients: Recorder[] = [];
  const environment = clusterEnvironment(options, prefix, partitions);
  return {
    prefix,
    environment,
    admin: tokenFor({ sub: 'root', roles: ['admin'] }),
    async start(node, own = {}, args = []) {
      const hub = await startHubProcess({
        dataDir: folder.path,
        file: { ...file, connectors: [...file.connectors, ...connectors] },
        args,
        environment: { ...environment, PURSIGHT_NODE: node, ...own },
      });
      hubs.push(hub);
      return hub;
    },
    async listen(hub, sub) {
      const client = await record({
        name: sub,
        url: hub.url,
        token: tokenFor({ sub, roles: ['steward'] }),
        channel: 'assets',
      });
      clients.push(client);
      return client;
    },
    async dispose() {
      for (const client of clients) client.close();
      await Promise.all(hubs.map((hub) => hub.stop()));
      folder.remove();
    },
  };
}
