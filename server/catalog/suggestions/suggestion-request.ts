import { z } from 'zod';
import { documentLimits as limits } from '../../../channels/catalog/limits.ts';
import { schemaBody } from '../../http/request-body.ts';

const maxDecisions = 1000;
const maxBytes = 1024 * 1024;

/** What somebody decides about one suggested tag of an asset, or of one of its columns. */
export interface SuggestionDecision {
  readonly urn: string;
  /** Key or name. */
  readonly column?: string;
  /** `scheme/name` */
  readonly tag: string;
  readonly decision: 'approve' | 'reject';
  readonly reason?: string;
  /** ETag of the asset as it was seen. */
  readonly ifMatch?: string;
}

const decision = z.strictObject({
  urn: z.string().min(1).max(limits.urnLength),
  column: z.string().min(1).max(limits.nameLength).exactOptional(),
  tag: z
    .string()
    .min(3)
    .max(2 * limits.idLength),
  decision: z.enum(['approve', 'reject']),
  reason: z.string().max(limits.nameLength).exactOptional(),
  ifMatch: z.string().max(200).exactOptional(),
}) satisfies z.ZodType<SuggestionDecision>;
const request = z.strictObject({ decisions: z.array(decision).min(1).max(maxDecisions) });

export const decisionsBody = schemaBody({
  maxBytes,
  schema: request,
  examples: {
    approve: { decisions: [{ urn: 'urn:gov:demo:orders', tag: 'pii/email', column: 'email', decision: 'approve' }] },
  },
});
