import { z } from 'zod';
import type { AnyWireEvent, LeaveEvent, WireChanges } from '../protocol/down.ts';
import type { WireEntity, WireHead } from '../protocol/entity.ts';
import { jsonObjectSchema, jsonValueSchema, timeSchema, urnSchema } from './common-schema.ts';

const text = z.string();
const textOrNull = z.string().nullable();
const texts = z.array(z.string());

/** The members that were asked for. */
export const partialHeadMembers = {
  kind: text.exactOptional(),
  type: text.exactOptional(),
  name: text.exactOptional(),
  fqn: textOrNull.exactOptional(),
  platform: textOrNull.exactOptional(),
  domain: textOrNull.exactOptional(),
  owners: texts.exactOptional(),
  tags: texts.exactOptional(),
  status: text.exactOptional(),
};

const partialHeadSchema = z.object(partialHeadMembers).meta({ id: 'Head' }) satisfies z.ZodType<Partial<WireHead>>;

export const entitySchema = z
  .object({
    ...{ urn: urnSchema, kind: text, type: text, name: text, status: text },
    ...{ fqn: textOrNull, platform: textOrNull, domain: textOrNull, owners: texts, tags: texts },
  })
  .meta({ id: 'Entity' }) satisfies z.ZodType<WireEntity>;

const changesSchema = z
  .record(z.string(), z.object({ old: jsonValueSchema.exactOptional(), new: jsonValueSchema.exactOptional() }))
  .meta({
    id: 'Changes',
    description:
      'By JSON pointer. Only `new`: added. Only `old`: removed. Neither: the values are too large to be sent.',
  }) satisfies z.ZodType<WireChanges>;

const base = { id: z.string(), subject: urnSchema, recordedtime: timeSchema };
const shown = {
  ...base,
  type: z.string().exactOptional(),
  time: z.string().exactOptional(),
  actor: z.string().exactOptional(),
  correlationid: z.string().exactOptional(),
  causationid: z.string().exactOptional(),
  extensions: jsonObjectSchema.exactOptional(),
  replay: z.literal(true).exactOptional(),
  entity: partialHeadSchema.exactOptional(),
  document: jsonObjectSchema.exactOptional(),
  changes: changesSchema.exactOptional(),
};

const leaveSchema = z.object({ ...base, kind: z.literal('leave'), reason: z.enum(['deleted', 'left']) });

/** An event of any subscription: what it has depends on the shape. */
export const eventSchema = z
  .discriminatedUnion('kind', [
    z
      .object({ ...shown, kind: z.literal('enter') })
      .meta({ id: 'EnterEvent', description: 'Matches now and did not before, or is new.' }),
    z
      .object({ ...shown, kind: z.literal('update') })
      .meta({ id: 'UpdateEvent', description: 'Matched before and still does.' }),
    leaveSchema.meta({
      id: 'LeaveEvent',
      description: 'No longer matches, or may no longer be seen.',
    }) satisfies z.ZodType<LeaveEvent>,
  ])
  .meta({ id: 'Event' }) satisfies z.ZodType<AnyWireEvent>;

export const eventPageSchema = z.object({ events: z.array(eventSchema), next: z.string().exactOptional() });
