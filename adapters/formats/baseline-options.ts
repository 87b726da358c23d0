import { z } from 'zod';

/** Options of a format whose connectors may import what Apache Atlas or Microsoft Purview has exported. */
export const baselineOptions = z.object({
  /** Direct super-types of each classification type: a source that lists them as tags does so in its exports, too. */
  superTypes: z.record(z.string(), z.array(z.string())).default({}),
});
