import { HubError } from '../../channels/protocol/hub-error.ts';
import { readableFrom } from './cross-origin.ts';
import { errorResponse, type TextResponse } from './error-response.ts';
import type { HttpHandler } from './http.ts';

/** A request for a connection, before the WebSocket is there. */
export interface Knock {
  readonly isUpgrade: boolean;
  readonly query: URLSearchParams;
  readonly origin: string | undefined;
  readonly address: string;
}

/** Why a connection may not even shake hands; undefined lets it in. Must not wait for anything. */
export type Admission = (knock: Pick<Knock, 'origin' | 'address'>) => HubError | undefined;

const webSocketOnly = "this hub speaks WebSocket only; set transports: ['websocket'] in the options of the client";

/** The error with which a knock is refused before the handshake, in the order in which a client can do something about it. */
export function refusalOf({ isUpgrade, query, origin, address }: Knock, admit: Admission): HubError | undefined {
  if (query.get('transport') !== 'websocket')
    return new HubError('unsupported-transport', `transport: ${webSocketOnly}`);
  if (query.get('EIO') !== '4')
    return new HubError('unsupported-protocol', 'EIO: this hub supports 4, used by Socket.IO clients 3 and later');
  // a WebSocket that is to take the place of a connection would pass by all that a new one is asked
  if (query.has('sid'))
    return new HubError('unsupported-transport', `sid: a connection cannot be upgraded; ${webSocketOnly}`);
  if (!isUpgrade)
    return new HubError(
      'unsupported-transport',
      'upgrade: send a WebSocket handshake; a proxy in between must forward Upgrade and Connection',
    );
  return admit({ origin, address });
}

/** With the headers without which a browser would tell its page of CORS instead of what is wrong. Says nothing secret. */
export function refusalResponse(error: HubError, origin: string | undefined): TextResponse {
  const response = errorResponse(error);
  return origin === undefined ? response : readableFrom(origin, response);
}

const socketPath = /^\/socket\.io(\/|$)/;

/** Answers what asks for a connection by plain HTTP; everything else is for `handler`. */
export function withoutPolling(handler: HttpHandler, refuse: (knock: Knock) => HubError | undefined): HttpHandler {
  return async (request) => {
    if (!socketPath.test(request.path)) return handler(request);
    const origin = request.headers['origin'];
    const refusal = refuse({ isUpgrade: false, query: request.query, origin, address: '' });
    return refusal === undefined ? handler(request) : refusalResponse(refusal, origin);
  };
}
