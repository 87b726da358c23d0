import type { Principal } from '../../channels/policy/principal.ts';
import { spokenProtocols } from '../../channels/protocol/version.ts';
import type { ParsedConnect } from '../../channels/protocol/up-schema.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { randomUUID } from 'node:crypto';
import type { Connection } from '../transport/transport.ts';
import { clientAddress } from '../transport/client-address.ts';
import type { HttpRequest, HttpResponse } from '../transport/http.ts';
import type { ConnectionLimits } from '../limits/connection-limits.ts';
import { HttpConnection } from './http-connection.ts';
import type { StreamFormat } from './stream-format.ts';
import type { StreamMembers } from './stream-members.ts';

interface StreamAdmission {
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  readonly auth: Omit<ParsedConnect, 'token'>;
}

export interface StreamSessionsOptions {
  /** The sessions of the node, for connections of every kind. */
  readonly sessions: {
    admitAs(principal: Principal, address: string, auth: StreamAdmission['auth']): StreamAdmission;
    open(connection: Connection, admitted: StreamAdmission): void;
  };
  readonly limits: Pick<ConnectionLimits, 'refusalFor' | 'take' | 'release'>;
  readonly members: StreamMembers;
  readonly cursor: () => string;
  readonly maxBufferedBytes: number;
  readonly trustedProxies: number;
  readonly onSlowConsumer: (connection: string) => void;
  /** False before the node has started and once it is about to stop. */
  readonly isOpen: () => boolean;
}

export interface StreamRequest {
  readonly principal: Principal;
  readonly subscriptions: readonly SubscribeRequest[];
  readonly format: StreamFormat;
  readonly follows: boolean;
  readonly oftenPlaced: boolean;
  /** Written before anything else. */
  readonly opening: string;
}

/** A client gives its name where it can; browsers do. */
const maxClientCharacters = 100;

/** Makes a session of a request for a stream, with all checks that a socket has to pass. */
export class StreamSessions {
  readonly #options: StreamSessionsOptions;

  constructor(options: StreamSessionsOptions) {
    this.#options = options;
  }

  /** @throws HubError not-ready, too-many-connections, rate-limited, slow-consumer */
  open(http: HttpRequest, wanted: StreamRequest): HttpResponse {
    const { sessions, limits, trustedProxies, isOpen } = this.#options;
    const address = clientAddress(http.peer, http.headers['x-forwarded-for'], trustedProxies);
    if (!isOpen()) throw new HubError('not-ready', 'this node is starting or stopping', { retryAfterMs: 1000 });
    const refusal = limits.refusalFor(address);
    if (refusal !== undefined) throw refusal;
    const { newest } = spokenProtocols;
    const admitted = sessions.admitAs(wanted.principal, address, {
      protocol: newest,
      agreedProtocol: newest,
      client: (http.headers['user-agent'] ?? 'stream').slice(0, maxClientCharacters),
      subscriptions: wanted.subscriptions,
    });
    return { ...streamHead(wanted.format), body: (stream) => this.#begin(stream, address, wanted, admitted) };
  }

  #begin(
    stream: HttpConnectionStream,
    address: string,
    { format, follows, oftenPlaced, subscriptions, opening }: StreamRequest,
    admitted: StreamAdmission,
  ): void {
    const { sessions, limits, members, cursor, maxBufferedBytes, onSlowConsumer } = this.#options;
    limits.take(address);
    const connection = new HttpConnection({
      ...{ stream, address, format, follows, oftenPlaced, members, cursor, maxBufferedBytes, onSlowConsumer },
      id: randomUUID(),
      subscriptions: subscriptions.map(({ id }) => id),
    });
    connection.onClose(() => limits.release(address));
    connection.write(opening);
    sessions.open(connection, admitted);
  }
}

type HttpConnectionStream = ConstructorParameters<typeof HttpConnection>[0]['stream'];

/** Status and headers of a stream: nothing between may keep it, or collect it before it passes it on. */
export function streamHead({
  contentType,
}: StreamFormat): Pick<HttpResponse, 'status'> & { readonly headers: Readonly<Record<string, string>> } {
  return {
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  };
}
