import { BlockList, isIPv6 } from 'node:net';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { HttpRequest } from '../transport/http.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const loopbackName = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Lets only pages and programs of this machine through. The peer's address alone is not enough: a name of a foreign site that
 * resolves to 127.0.0.1 makes a browser send the site's requests here, with Origin and Host equal.
 *
 * @throws HubError forbidden
 */
export function assertLocal({ peer, headers }: Pick<HttpRequest, 'peer' | 'headers'>): void {
  const refused = (what: string): HubError =>
    new HubError('forbidden', `${what}: development sign-in is for pages and programs of the machine of the hub only`);
  if (!loopback.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) throw refused('address');
  if (!loopbackName.test(headers['host'] ?? '')) throw refused('host');
  const site = headers['sec-fetch-site'] ?? 'same-origin';
  if (site !== 'same-origin') throw refused('sec-fetch-site');
  const origin = headers['origin'];
  if (origin !== undefined && origin.toLowerCase() !== `http://${headers['host']}`.toLowerCase())
    throw refused('origin');
}
