import { z } from 'zod';
import { type DocumentKind, documentKinds } from '../event/head.ts';
import type { JsonObject } from '../event/json.ts';
import { isJsonObject } from '../event/json.ts';

/**
 * What a grant lets somebody do. `read`, `write` and `declassify` are judged on heads, `ingest` on the connector. `administer` concerns the tenant of
 * the token; `operate` what all tenants share: the log, its epochs, the journal.
 */
export const actions = ['read', 'write', 'declassify', 'ingest', 'administer', 'operate'] as const;
export type Action = (typeof actions)[number];

/** What people may change. `existence`: whether an entity exists and what it is, of those that people made themselves. */
export const writeFields = [
  'description',
  'domain',
  'status',
  'owners',
  'terms',
  'classifications',
  'properties',
  'columns.description',
  'columns.classifications',
  'existence',
] as const;
export type WriteField = (typeof writeFields)[number];

/**
 * One line of a role. `allow` or `deny` names the action; `where` is a filter over heads in which a value may be
 * `${principal.<claim>}`; `kinds`, `fields` and `connectors` narrow further. Deny wins; nothing granted is nothing seen.
 */
export interface Grant {
  readonly allow?: Action;
  readonly deny?: Action;
  readonly kinds?: readonly DocumentKind[];
  readonly connectors?: readonly string[];
  /** @default all of them */
  readonly fields?: readonly WriteField[];
  readonly where?: JsonObject;
}

export interface Policy {
  readonly version: number;
  readonly roles: { readonly [role: string]: readonly Grant[] };
}

const judgedOnHeads: ReadonlySet<Action | undefined> = new Set<Action>(['read', 'write', 'declassify']);

const grant = z
  .strictObject({
    allow: z.enum(actions).exactOptional(),
    deny: z.enum(actions).exactOptional(),
    kinds: z.array(z.enum(documentKinds)).min(1).exactOptional(),
    connectors: z.array(z.string().min(1)).min(1).exactOptional(),
    fields: z.array(z.enum(writeFields)).min(1).exactOptional(),
    where: z.custom<JsonObject>(isJsonObject, 'must be a filter object').exactOptional(),
  })
  .refine(
    (value) => (value.allow === undefined) !== (value.deny === undefined),
    'must have exactly one of allow and deny',
  )
  .refine(
    (value) => value.where === undefined || judgedOnHeads.has(value.allow ?? value.deny),
    'where applies to read, write and declassify only',
  )
  .refine(
    (value) => value.fields === undefined || (value.allow ?? value.deny) === 'write',
    'fields applies to write only; leave it out, or name the action write',
  )
  .refine(
    (value) => value.kinds === undefined || judgedOnHeads.has(value.allow ?? value.deny),
    'kinds applies to read, write and declassify only',
  )
  .refine(
    (value) => value.connectors === undefined || (value.allow ?? value.deny) === 'ingest',
    'connectors applies to ingest only',
  );

export const policySchema = z.strictObject({
  version: z.number().int().min(1).default(1),
  roles: z.record(z.string().min(1).max(100), z.array(grant)),
}) satisfies z.ZodType<Policy>;
