/*
 * Imports and exports as clients are told of them.
 */
import { z } from 'zod';
import { type Job, jobStates, progressSchema } from '../jobs/job.ts';
import { errorCodeSchema, jsonValueSchema, timeSchema, urnSchema } from './common-schema.ts';
import { opSchema } from './asset-schema.ts';

export const problemOfRow = z.object({ code: errorCodeSchema, message: z.string() });

export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['import', 'export']),
    format: z.enum(['csv', 'ndjson']),
    state: z.enum(jobStates).meta({
      description: 'planned: a dry run has ended, and can be committed. done, failed and cancelled are the end.',
    }),
    dryRun: z.boolean().exactOptional().meta({ description: 'Of an import.' }),
    createdAt: timeSchema,
    updatedAt: timeSchema,
    progress: progressSchema,
    error: z.object({ code: z.string(), message: z.string() }).exactOptional().meta({ description: 'Why it failed.' }),
  })
  .meta({ id: 'Job', description: 'Work that outlasts its request, done by the hub as whoever asked for it.' });

/** As its owner sees it. */
export function wireJob({ id, order, state, createdAt, updatedAt, progress, error }: Job): z.infer<typeof jobSchema> {
  return {
    ...{ id, kind: order.kind, format: order.format, state },
    ...(order.kind === 'import' ? { dryRun: order.dryRun } : {}),
    ...{ createdAt, updatedAt, progress },
    ...(error === undefined ? {} : { error }),
  };
}

/** What became, or would become, of a row. `duplicate`: done by an attempt that broke off before it was counted. */
export const rowResults = ['create', 'update', 'unchanged', 'conflict', 'rejected', 'duplicate'] as const;

export const rowOutcomeSchema = z
  .object({
    line: z.int().meta({ description: 'From 1; of a table the row, as spreadsheets count them.' }),
    urn: urnSchema.exactOptional(),
    result: z.enum(rowResults),
    event: z.string().nullable().exactOptional().meta({ description: 'Id of the event; null: nothing was altered.' }),
    etag: z.string().exactOptional().meta({ description: 'Of the asset: planned with, or afterwards.' }),
    changes: z
      .array(opSchema)
      .exactOptional()
      .meta({ description: 'Of a plan: what would change, as events have it.' }),
    problem: problemOfRow.exactOptional(),
  })
  .meta({ id: 'RowOutcome' });

/** What became, or would become, of a row. */
export type RowOutcome = z.infer<typeof rowOutcomeSchema>;

/** One line of the results of an import. */
export const resultLineSchema = z.union([rowOutcomeSchema, z.object({ end: z.literal(true), count: z.int() })]);

/** One line of the content of an export. */
export const contentLineSchema = z.union([
  z.record(z.string(), jsonValueSchema),
  z.object({ end: z.literal(true), count: z.int() }),
]);
