import { z } from 'zod';
import { filterSchema, jsonValueSchema, timeSchema, wireErrorSchema } from '../../channels/contract/common-schema.ts';
import { eventSchema } from '../../channels/contract/event-schema.ts';
import { subscribeSchema } from '../../channels/protocol/up-schema.ts';
import { channelForms } from '../../channels/subscription/channel-name.ts';
import { type Answer, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { parameter, type QueryDeclaration, text } from '../http/query.ts';
import type { HttpResponse } from '../transport/http.ts';

const errors = [
  ...(['invalid-request', 'invalid-json', 'invalid-channel', 'invalid-filter', 'filter-too-large'] as const),
  ...(['not-ready', 'too-many-connections', 'rate-limited', 'slow-consumer', 'storage-unavailable'] as const),
] as const;
const common = { group: 'Streams', params: {} } as const;

export const streamContract: RouteContract<'/v1/stream'> = {
  ...{ ...common, id: 'openStream', summary: 'Server-sent events of feeds and views', takesTicket: true },
  description:
    'Events: `enter`, `update`, `leave`, `subscribed`, `snapshot`, `live`, `stale`, `policy`, `ended`, `notice`, `goaway`, `refused` and `position`; their data are the messages of /v1/asyncapi.json.',
  headers: ['last-event-id'],
  errors,
};
export const eventsContract: RouteContract<'/v1/events'> = {
  ...{ ...common, id: 'getEvents', summary: 'Events of a feed as lines of JSON, live or of the past' },
  errors,
};
export const ticketContract: RouteContract<'/v1/stream-tickets'> = {
  ...{ ...common, id: 'createStreamTicket', summary: 'A ticket for a page, whose EventSource cannot send a token' },
  errors: ['invalid-request', 'invalid-channel', 'invalid-filter', 'filter-too-large'],
};

/** Of what a stream is; the route reads them itself, because each is a member of a subscription. */
const selection = {
  channel: text({
    about: `What to select from: ${channelForms.map((form) => `\`${form}\``).join(', ')}.`,
    example: 'assets',
  }),
  filter: parameter(
    { about: 'Conditions on entities.', schema: filterSchema, isJson: true, errors: ['invalid-json'] },
    (raw) => raw,
  ),
  shape: text({ about: 'How much of each event.', schema: subscribeSchema.shape.shape.unwrap(), example: 'entity' }),
  fields: text({ about: 'Names of members, with commas between.' }),
  since: text({ about: 'RFC 3339: first replay what happened since then.', schema: timeSchema }),
} satisfies QueryDeclaration;

export const streamQuery = {
  ...selection,
  mode: text({
    about: 'A feed, or a list that is kept up to date.',
    schema: subscribeSchema.shape.mode.unwrap().meta({ default: 'events' }),
  }),
  subscriptions: parameter(
    {
      about: 'Instead of these: up to ten of them, each with an id.',
      schema: z
        .array(subscribeSchema.omit({ handle: true, cursor: true }))
        .min(1)
        .max(10),
      isJson: true,
      errors: ['invalid-json'],
    },
    (raw) => raw,
  ),
  ticket: text({ about: 'Instead of all of these: what the ticket was made for.' }),
  lastEventId: text({ about: 'Where to go on, if the header `Last-Event-ID` cannot be set.' }),
} satisfies QueryDeclaration;

export const eventsQueryParameters = {
  ...selection,
  after: text({ about: 'A cursor: everything behind it.' }),
  until: text({ about: 'RFC 3339: what was accepted before then.', schema: timeSchema }),
  follow: text({
    about: 'Go on with what happens. Otherwise the stream ends when everything of the past was sent.',
    schema: z.boolean().meta({ default: false }),
    example: 'true',
  }),
} satisfies QueryDeclaration;

export const streamAnswer: Answer<HttpResponse> = ownResponse({
  status: 200,
  about: 'A stream that ends when the session does.',
  content: { 'text/event-stream': { schema: z.string() } },
});

const lineSchema = z.union([
  eventSchema,
  z.object({ cursor: z.string() }),
  z.object({ live: z.literal(true) }),
  z.object({ gap: z.string() }),
  z.object({ notice: jsonValueSchema }),
  z.object({ goaway: jsonValueSchema }),
  z.object({ error: wireErrorSchema }),
]);
export const eventsAnswer: Answer<HttpResponse> = ownResponse({
  status: 200,
  about: 'Lines of JSON; the schema is that of one.',
  content: { 'application/x-ndjson': { schema: lineSchema } },
});

const single = subscribeSchema.omit({ id: true, handle: true, cursor: true });
/** What {@link subscriptionsOf} reads: one subscription, or several with ids. */
export const ticketRequestSchema = z.union([
  single,
  z.strictObject({ subscriptions: streamQuery.subscriptions.contract.schema }),
]);
export const ticketSchema = z.object({ ticket: z.string(), expiresAt: timeSchema });
