import { startOwnBroker } from '../setup/own-broker.ts';
import { type OwnServer, startOwnServer } from '../setup/own-server.ts';
import { addressOf, FaultProxy } from './fault-proxy.ts';

/** A server of one's own, and the only way that hubs have to it. */
export interface ProxiedServer {
  readonly server: OwnServer;
  readonly proxy: FaultProxy;
  /** For hubs: by the proxy. */
  readonly url: string;
}

export async function startProxiedServer(name: 'mongo' | 'redis'): Promise<ProxiedServer> {
  const server = await startOwnServer(name);
  const proxy = new FaultProxy(() => addressOf(server.url));
  const place = `${name === 'mongo' ? 'mongodb' : name}://127.0.0.1:${await proxy.listen()}`;
  // a driver that asked the replica set for its members would go past the proxy
  return { server, proxy, url: name === 'mongo' ? `${place}/?directConnection=true` : place };
}

export async function startProxiedBroker(): Promise<ProxiedServer> {
  let port = 0;
  const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
  const server = await startOwnBroker(async (own) => {
    port = own;
    return proxy.listen();
  });
  return { server, proxy, url: server.url };
}
