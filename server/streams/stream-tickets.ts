import { z } from 'zod';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { SubscribeRequest } from '../../channels/protocol/up.ts';
import { subscribeSchema } from '../../channels/protocol/up-schema.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** What a ticket stands for. */
export interface TicketContent {
  /** With the expiry of its token: a stream that was opened in time ends with that. */
  readonly principal: Principal;
  readonly subscriptions: readonly SubscribeRequest[];
  /** Nothing is opened with it from then on, ms since 1970. */
  readonly expiresAtMs: number;
}

const contentSchema = z.object({
  principal: z.object({
    tenant: z.string(),
    sub: z.string(),
    roles: z.array(z.string()),
    claims: z.record(z.string(), z.json()),
    tokenId: z.string().exactOptional(),
    issuedAtMs: z.number().exactOptional(),
    expiresAtMs: z.number(),
  }),
  subscriptions: z.array(subscribeSchema),
  expiresAtMs: z.number(),
}) satisfies z.ZodType<TicketContent>;

const ticketMs = 15 * 60_000;
/** It goes into an address, for which proxies have 8 KiB. */
const maxCharacters = 6144;

/**
 * Tickets for streams: EventSource can send no header, and a token does not belong into an address. A ticket opens streams
 * with the one selection it was made for, until it expires or its token is revoked, on any node; it is stored nowhere.
 */
export class StreamTickets {
  readonly #sealer: Sealer;
  readonly #clock: Clock;

  constructor(sealer: Sealer, clock: Clock) {
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** @throws HubError invalid-request when it would be too long for an address */
  issue(
    principal: Principal,
    subscriptions: readonly SubscribeRequest[],
  ): { readonly ticket: string; readonly expiresAtMs: number } {
    const expiresAtMs = Math.min(this.#clock.now() + ticketMs, principal.expiresAtMs);
    const content: TicketContent = { principal, subscriptions, expiresAtMs };
    const ticket = this.#sealer.seal('ticket', Buffer.from(JSON.stringify(content)));
    if (ticket.length > maxCharacters)
      throw new HubError(
        'invalid-request',
        `body: the ticket would have ${ticket.length} characters, at most ${maxCharacters} fit into an address; ask for less, or read the stream with fetch and a token`,
      );
    return { ticket, expiresAtMs };
  }

  /** @throws HubError unauthenticated, token-expired */
  open(ticket: string): TicketContent {
    const bytes = this.#sealer.open('ticket', ticket);
    const read = bytes === undefined ? undefined : contentSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
    if (read?.success !== true) throw new HubError('unauthenticated', 'ticket: not one of this hub, or damaged');
    if (read.data.expiresAtMs <= this.#clock.now())
      throw new HubError('token-expired', 'ticket: has expired; get a new one from POST /v1/stream-tickets');
    return read.data;
  }
}
