import { z } from 'zod';
import type { Impact, Lineage } from '../protocol/lineage.ts';
import { urnSchema } from './common-schema.ts';
import { entitySchema } from './event-schema.ts';

const cut = z
  .enum(['depth', 'nodes', 'time'])
  .exactOptional()
  .meta({ description: 'Why this is not all that you may see; absent: it is.' });

const nodeSchema = z
  .object({
    entity: entitySchema,
    distance: z.int().meta({ description: 'Edges from the asset: below 0 upstream, above 0 downstream.' }),
  })
  .meta({ id: 'LineageNode' });

const edgeSchema = z
  .object({ urn: urnSchema, type: z.string(), from: urnSchema, to: urnSchema })
  .meta({ id: 'LineageEdge', description: 'A relationship between two nodes.' });

export const lineageSchema = z
  .object({ nodes: z.array(nodeSchema), edges: z.array(edgeSchema), cut })
  .meta({ id: 'Lineage', description: 'The nearest nodes first.' }) satisfies z.ZodType<Lineage>;

const groupsSchema = z
  .array(z.object({ value: z.string().nullable(), count: z.int() }))
  .meta({ id: 'ImpactGroups', description: 'The most frequent first; null: without a value.' });

export const impactSchema = z
  .object({ total: z.int(), types: groupsSchema, domains: groupsSchema, owners: groupsSchema, cut })
  .meta({ id: 'Impact', description: 'What is downstream, in numbers, and who owns it.' }) satisfies z.ZodType<Impact>;
