/*
 * Messages that the hub sends, as schemas for /v1/asyncapi.json. The types of down.ts are what counts: the compiler holds each
 * schema to its type, and the tests hold what the hub sends to the schemas.
 */
import { z } from 'zod';
import type { DownEvents } from '../protocol/down.ts';
import type { SearchChange, SearchedResult } from '../protocol/search.ts';
import type { Ack, SubscribedResult } from '../protocol/up.ts';
import { errorCodeSchema, jsonObjectSchema, timeSchema, urnSchema, wireErrorSchema } from './common-schema.ts';
import { eventSchema, partialHeadMembers } from './event-schema.ts';
import { hitSchema, resultMembers } from './search-schema.ts';

const id = z.string().meta({ description: 'Of the subscription, as the client has chosen it.' });
const room = z.string().meta({ description: 'Opaque; several subscriptions may share one.' });
const cursor = z.string().meta({ description: 'Sealed: a position to resume from.' });
const handle = z.string().meta({ description: 'Sealed: what the subscription is entitled to.' });

const subscribed = {
  id,
  room,
  handle,
  cursor,
  recovered: z.boolean().meta({ description: 'True: everything since the given cursor or time comes before `live`.' }),
  reason: z.enum(['expired', 'epoch', 'coverage', 'policy', 'too-large', 'unavailable']).exactOptional(),
};
const subscribedSchema = z.object(subscribed) satisfies z.ZodType<SubscribedResult>;

const searched = { id: z.string(), rev: z.int(), room };

const itemSchema = z.object({
  entity: z.object({ urn: urnSchema, ...partialHeadMembers }),
  document: jsonObjectSchema.exactOptional(),
});

const changeSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('enter'), after: z.string().nullable(), hit: hitSchema }),
    z.object({ kind: z.literal('update'), hit: hitSchema }),
    z.object({ kind: z.literal('move'), urn: urnSchema, after: z.string().nullable() }),
    z.object({ kind: z.literal('leave'), urn: urnSchema }),
  ])
  .meta({ id: 'SearchChange' }) satisfies z.ZodType<SearchChange>;

const endedSchema = z.object({ id: z.string(), error: wireErrorSchema });
const staleMs = z.number().exactOptional().meta({ description: 'How far behind this may be.' });

const states = ['stale', 'fresh', 'gap', 'degraded', 'restored', 'nothing-granted'] as const;
const noticeSchema = z.object({
  code: z.enum([...errorCodeSchema.options, ...states]),
  message: z.string(),
  dependency: z.enum(['catalog', 'controlBus', 'search']).exactOptional(),
  retryAfterMs: z.number().exactOptional(),
});

/** By the name of the event. */
export const downSchemas = {
  welcome: z.object({ session: z.string(), protocol: z.int(), features: z.array(z.string()), expiresAt: timeSchema }),
  subscribed: subscribedSchema,
  live: z.object({ id }),
  snapshot: z.object({ id, page: z.int(), items: z.array(itemSchema), last: z.boolean() }),
  replay: z.object({ id, events: z.array(eventSchema), cursor }),
  events: z.object({ room, events: z.array(eventSchema) }),
  cursor: z.object({ cursor }),
  stale: z.object({ room }),
  goaway: z.object({ deadlineMs: z.number(), reconnectInMs: z.number() }),
  policy: z.object({ id, room, handle, reason: z.literal('token') }),
  ended: endedSchema,
  notice: noticeSchema,
  result: z.object({ ...searched, ...resultMembers, staleMs, reason: z.literal('token').exactOptional() }),
  delta: z.object({
    room,
    changes: z.array(changeSchema),
    total: resultMembers.total.exactOptional(),
    facets: resultMembers.facets.exactOptional(),
    staleMs,
  }),
  searchended: endedSchema,
} satisfies { [Event in keyof DownEvents]: z.ZodType<Parameters<DownEvents[Event]>[0]> };

const refusedSchema = z.object({ ok: z.literal(false), error: wireErrorSchema });

function ackOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.union([z.object({ ok: z.literal(true), ...shape }), refusedSchema]);
}

/** Answers to what a client sends, by the name of the event. */
export const ackSchemas = {
  subscribe: ackOf(subscribed) satisfies z.ZodType<Ack<SubscribedResult>>,
  unsubscribe: ackOf({}) satisfies z.ZodType<Ack>,
  authenticate: ackOf({ expiresAt: timeSchema }) satisfies z.ZodType<Ack<{ readonly expiresAt: string }>>,
  search: ackOf(searched) satisfies z.ZodType<Ack<SearchedResult>>,
  unsearch: ackOf({}) satisfies z.ZodType<Ack>,
};
