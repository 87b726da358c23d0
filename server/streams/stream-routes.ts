import type { Principal } from '../../channels/policy/principal.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { createdJson } from '../http/answers.ts';
import { jsonBody } from '../http/request-body.ts';
import { type Call, type Route, route, type SignedInRequest } from '../http/route.ts';
import { bearer } from '../http/router.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { HttpRequest, HttpResponse } from '../transport/http.ts';
import { eventsQuery } from './events-query.ts';
import * as contracts from './stream-contracts.ts';
import { plainSse, roomySse } from './sse-format.ts';
import type { StreamSessions } from './stream-sessions.ts';
import { streamHead } from './stream-sessions.ts';
import { resumedFrom, subscriptionsOf } from './stream-request.ts';
import type { StreamTickets } from './stream-tickets.ts';

export interface StreamRoutesOptions {
  readonly streams: StreamSessions;
  readonly tickets: StreamTickets;
  readonly verify: TokenVerifier;
  /** Of a ticket whose token may have been revoked. @throws HubError token-revoked */
  readonly assertGood: (principal: Principal) => Promise<void>;
  readonly onRefused: (error: HubError) => void;
  /** Resolves when this node has everything that is in the log now. @throws HubError not-ready, storage-unavailable */
  readonly caughtUp: () => Promise<void>;
}

interface StreamOrder {
  readonly principal: Principal;
  readonly subscriptions: readonly SubscribeRequest[];
}

const maxTicketRequestBytes = 64 * 1024;
/** Spread a little: those that lose their node at once should not come back at once. */
const [leastRetryMs, retrySpreadMs] = [500, 1000];

/** The parameters of a request that are of a subscription, as members of one. @throws HubError invalid-json, invalid-request */
function membersOf(query: URLSearchParams, others: readonly string[]): JsonObject {
  const members: Record<string, JsonValue> = {};
  for (const [name, value] of query) {
    if (others.includes(name)) continue;
    if (name === 'fields') members[name] = value.split(',').map((each) => each.trim());
    else members[name] = name === 'filter' || name === 'subscriptions' ? parsed(value, name) : value;
  }
  return members;
}

function parsed(value: string, name: string): JsonValue {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new HubError('invalid-json', `${name}: must be JSON`, { cause });
  }
}

function parseTicketBody(value: unknown): readonly SubscribeRequest[] {
  if (!isJsonObject(value)) throw new HubError('invalid-request', 'body: must be a JSON object');
  return subscriptionsOf(value);
}

const ticketBody = jsonBody({
  maxBytes: maxTicketRequestBytes,
  parse: parseTicketBody,
  schema: contracts.ticketRequestSchema,
  examples: {
    feed: { channel: 'assets', shape: 'entity' },
    several: { subscriptions: [{ id: 'a', channel: 'assets' }] },
  },
});

/** A browser gives up for good on any other status than 200, so what passes by itself is said in the stream. */
function refusedStream(error: HubError): HttpResponse {
  const retryAfterMs = error.retryAfterMs ?? leastRetryMs;
  const text = plainSse.retry(retryAfterMs) + plainSse.message('refused', error.toWire());
  return { ...streamHead(plainSse), body: text };
}

function ticketRoute(tickets: StreamTickets): Route {
  const issue = async (request: SignedInRequest<unknown, readonly SubscribeRequest[]>): Promise<object> => {
    const { ticket, expiresAtMs } = tickets.issue(request.principal, await request.body());
    return { ticket, expiresAt: new Date(expiresAtMs).toISOString() };
  };
  const { ticketContract, ticketSchema } = contracts;
  return route({
    ...{ method: 'POST', path: '/v1/stream-tickets', access: 'signed-in', contract: ticketContract, body: ticketBody },
    answer: createdJson(ticketSchema),
    handle: issue,
  });
}

/** Streams over HTTP: docs/streams.md. */
export function streamRoutes(options: StreamRoutesOptions): readonly Route[] {
  const { streams, tickets, verify, assertGood, onRefused, caughtUp } = options;

  const askedBy = async ({ query, headers }: HttpRequest): Promise<StreamOrder> => {
    const ticket = query.get('ticket');
    if (ticket === null) {
      const principal = await verify(bearer({ headers }));
      return { principal, subscriptions: subscriptionsOf(membersOf(query, ['lastEventId'])) };
    }
    for (const name of query.keys())
      if (name !== 'ticket' && name !== 'lastEventId')
        throw new HubError('invalid-request', `${name}: a ticket is for what it was made for; leave it out`);
    const { principal, subscriptions } = tickets.open(ticket);
    await assertGood(principal);
    return { principal, subscriptions };
  };

  const stream = async ({ http }: Call): Promise<HttpResponse> => {
    try {
      const { principal, subscriptions } = await askedBy(http);
      const position = http.headers['last-event-id'] ?? http.query.get('lastEventId') ?? undefined;
      const format = http.query.has('subscriptions') || subscriptions.length > 1 ? roomySse : plainSse;
      return streams.open(http, {
        ...{ principal, format, follows: true, oftenPlaced: false },
        subscriptions: resumedFrom(subscriptions, position),
        opening: format.retry(leastRetryMs + Math.random() * retrySpreadMs),
      });
    } catch (thrown) {
      const error = HubError.from(thrown);
      if (!error.retryable || error.code === 'internal') throw error;
      onRefused(error);
      return refusedStream(error);
    }
  };

  const events = async ({ http }: Call): Promise<HttpResponse> => {
    const principal = await verify(bearer(http));
    const wanted = eventsQuery(http.query, membersOf);
    // one that ends would end without what the node has not read yet
    if (!wanted.follows) await caughtUp();
    return streams.open(http, { principal, ...wanted });
  };

  const common = { method: 'GET', access: 'own' } as const;
  const { streamContract, streamQuery, streamAnswer, eventsContract, eventsQueryParameters, eventsAnswer } = contracts;
  return [
    route({
      ...{ ...common, path: '/v1/stream', contract: streamContract, query: streamQuery, answer: streamAnswer },
      handle: stream,
    }),
    route({
      ...{ ...common, path: '/v1/events', contract: eventsContract, query: eventsQueryParameters },
      answer: eventsAnswer,
      handle: events,
    }),
    ticketRoute(tickets),
  ];
}
