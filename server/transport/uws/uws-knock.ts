import { clientAddress } from '../client-address.ts';
import type { Knock } from '../knock.ts';
import type { UwsRequest, UwsResponse } from './load-uws.ts';

/** The request for a WebSocket on uWebSockets.js. */
export function knockOf(response: UwsResponse, request: UwsRequest, trustedProxies: number): Knock {
  const remote = Buffer.from(response.getRemoteAddressAsText()).toString();
  return {
    isUpgrade: true,
    query: new URLSearchParams(request.getQuery() ?? ''),
    origin: request.getHeader('origin') || undefined,
    address: clientAddress(remote, request.getHeader('x-forwarded-for') || undefined, trustedProxies),
  };
}
