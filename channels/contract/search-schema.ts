import { z } from 'zod';
import type { SearchFacets, SearchHit, SearchTotal } from '../protocol/search.ts';
import { entitySchema } from './event-schema.ts';

const highlight = z.object({
  field: z.string(),
  text: z.string(),
  ranges: z.array(z.tuple([z.int(), z.int()])),
});

export const hitSchema = z
  .object({ entity: entitySchema, highlights: z.array(highlight).exactOptional() })
  .meta({ id: 'SearchHit' }) satisfies z.ZodType<SearchHit>;

const total = z.object({ value: z.int(), relation: z.enum(['exact', 'atLeast']) }) satisfies z.ZodType<SearchTotal>;

const counts = z
  .array(z.object({ value: z.union([z.string(), z.number(), z.boolean()]), count: z.int() }))
  .exactOptional();
const facets = z
  .object({
    ...{ kind: counts, type: counts, platform: counts, domain: counts },
    ...{ owners: counts, tags: counts, status: counts, severity: counts },
  })
  .meta({ id: 'SearchFacets' }) satisfies z.ZodType<SearchFacets>;

/** Members of a result, live or not. */
export const resultMembers = { hits: z.array(hitSchema), total, facets };

export const searchAnswerSchema = z.object(resultMembers).meta({ id: 'SearchResult' });
