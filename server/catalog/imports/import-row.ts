import { z } from 'zod';
import { jsonObjectSchema } from '../../../channels/contract/common-schema.ts';
import { problemOfRow } from '../../../channels/contract/job-schema.ts';
import type { HubError } from '../../../channels/protocol/hub-error.ts';

const rowSchema = z.object({
  /** From 1: of a table the row, as spreadsheets count them, else the line. */
  line: z.int(),
  /** Absent: it creates an asset. */
  urn: z.string().exactOptional(),
  /** Of the asset as its author has seen it. */
  etag: z.string().exactOptional(),
  /** Of a table, by column. */
  cells: z.record(z.string(), z.string()).exactOptional(),
  /** Of lines of JSON. */
  patch: jsonObjectSchema.exactOptional(),
  /** It says nothing that could be done. */
  problem: problemOfRow.exactOptional(),
});

/** A row of an import, as it is kept. */
export type ImportRow = z.infer<typeof rowSchema>;

/** Of one that cannot be read; the others of the file are not to blame. */
export function faultyRow(line: number, { code, message }: HubError): ImportRow {
  return { line, problem: { code, message } };
}

/** Of a row in a file, whatever is in it. */
export const maxRowBytes = 128 * 1024;

/** The rows of a part. */
export function rowsIn(text: string): readonly ImportRow[] {
  return text.split('\n').map((line) => rowSchema.parse(JSON.parse(line)));
}
