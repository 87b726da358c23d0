import { z } from 'zod';
import { wireErrorSchema } from '../../../channels/contract/common-schema.ts';
import { json } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { type Route, route, type SignedInRequest } from '../../http/route.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import { repeatableOf } from '../resources/repeatable.ts';
import type { SuggestionCommands } from './suggestion-commands.ts';
import { decisionsBody, type SuggestionDecision } from './suggestion-request.ts';

export interface SuggestionRoutesOptions {
  readonly suggestions: SuggestionCommands;
  readonly ids: OpaqueIds;
}

const path = '/v1/suggestions:decide';

const named = { urn: z.string(), column: z.string().exactOptional(), tag: z.string() };
const resultSchema = z.discriminatedUnion('result', [
  z.object({ ...named, result: z.literal('done'), event: z.string().nullable() }),
  z.object({ ...named, result: z.literal('repeated') }),
  z.object({ ...named, result: z.literal('refused'), error: wireErrorSchema }),
]);
const answerSchema = z.object({ results: z.array(resultSchema) });
const contract: RouteContract<typeof path> = {
  ...{ id: 'decideSuggestions', group: 'Suggestions', summary: 'Approve or reject suggested tags', params: {} },
  headers: ['idempotency-key'],
  errors: ['filter-too-large', 'storage-unavailable'],
};

/** Deciding many suggested tags at once, each with a result of its own. */
export function suggestionRoutes({ suggestions, ids }: SuggestionRoutesOptions): readonly Route[] {
  const decide = async (
    request: SignedInRequest<unknown, { decisions: readonly SuggestionDecision[] }>,
  ): Promise<object> => {
    const { principal, http } = request;
    const { decisions } = await request.body();
    const key = http.headers['idempotency-key'];
    const results = await suggestions.decide(principal, decisions, (urn, body) =>
      repeatableOf(key, { principal, route: `POST ${path} ${urn}`, body }, ids),
    );
    return { results };
  };
  return [
    route({
      ...{ method: 'POST', path, access: 'signed-in', contract, body: decisionsBody, answer: json(answerSchema) },
      handle: decide,
    }),
  ];
}
