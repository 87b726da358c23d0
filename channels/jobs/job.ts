import { z } from 'zod';
import { jsonObjectSchema, jsonValueSchema, timeSchema } from '../contract/common-schema.ts';
import { documentKinds } from '../event/head.ts';
import { formOf, withForm } from '../forms/form-of.ts';
import { HubError } from '../protocol/hub-error.ts';

/** `receiving`: its rows come in. `planned`: a dry run has ended, and what it found can be committed. */
export const jobStates = ['receiving', 'pending', 'running', 'planned', 'done', 'failed', 'cancelled'] as const;
/** One of {@link jobStates}. */
export type JobState = (typeof jobStates)[number];

const importOrder = z.object({
  kind: z.literal('import'),
  format: z.enum(['csv', 'ndjson']),
  dryRun: z.boolean(),
});
const exportOrder = z.object({
  kind: z.literal('export'),
  format: z.enum(['csv', 'ndjson']),
  of: z.enum(documentKinds),
  filter: jsonObjectSchema.exactOptional(),
  fields: z.array(z.string()).exactOptional(),
});

/** What is counted of the rows of an import, and of the entities of an export. */
export const progressSchema = z
  .object({
    rows: z.int().meta({ description: 'Rows that came in; of an export: entities found so far.' }),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    conflicts: z.int().meta({ description: 'Changed by somebody else since: not overwritten.' }),
    rejected: z.int(),
    duplicates: z.int().meta({ description: 'Done by an earlier attempt that broke off before it was counted.' }),
  })
  .meta({ id: 'JobProgress' });

const ownerSchema = z.object({
  tenant: z.string(),
  sub: z.string(),
  roles: z.array(z.string()),
  claims: z.record(z.string(), jsonValueSchema),
  tokenId: z.string().exactOptional(),
  issuedAtMs: z.number().exactOptional(),
  expiresAtMs: z.number(),
});

const jobSchema = z.object({
  tenant: z.string(),
  id: z.string(),
  version: z.int(),
  owner: ownerSchema,
  state: z.enum(jobStates),
  order: z.discriminatedUnion('kind', [importOrder, exportOrder]),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  /** Parts that hold what it works on, or has found. */
  parts: z.int(),
  /** Parts of them that are done. */
  done: z.int(),
  /** Where an export goes on: the urn before. */
  after: z.string().exactOptional(),
  /** Somebody wants what was planned. */
  isCommitted: z.boolean(),
  progress: progressSchema,
  /** Of all that is kept of it. */
  bytes: z.int(),
  /** Of what came in, so that a repetition is known. */
  digest: z.string().exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
});

/** Work that outlasts its request: an import or an export, done by a worker as whoever asked for it. */
export type Job = z.infer<typeof jobSchema>;
/** What an import was told. */
export type ImportOrder = z.infer<typeof importOrder>;
/** What an export was told. */
export type ExportOrder = z.infer<typeof exportOrder>;
/** Counts of a job. */
export type JobProgress = z.infer<typeof progressSchema>;

/** As it is stored. */
export function jobText(job: Job): string {
  return JSON.stringify(withForm('job', job));
}

/** @throws NewerForm; HubError storage-damaged for what is no job */
export function jobOf(text: string): Job {
  const stored: unknown = JSON.parse(text);
  formOf('job', typeof stored === 'object' && stored !== null && 'v' in stored ? stored.v : undefined);
  const { success, data } = jobSchema.safeParse(stored);
  if (success) return data;
  throw new HubError('storage-damaged', 'a stored job cannot be read; remove it, or restore it from a backup');
}
