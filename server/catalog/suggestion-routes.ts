import { json } from '../http/answers.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { repeatableOf } from './repeatable.ts';
import type { SuggestionCommands } from './suggestion-commands.ts';
import { decisionsBody, type SuggestionDecision } from './suggestion-request.ts';

export interface SuggestionRoutesOptions {
  readonly suggestions: SuggestionCommands;
  readonly ids: OpaqueIds;
}

const path = '/v1/suggestions:decide';

/** Deciding many suggested tags at once, each with a result of its own. */
export function suggestionRoutes({ suggestions, ids }: SuggestionRoutesOptions): readonly Route[] {
  const decide = async (request: SignedInRequest<unknown, readonly SuggestionDecision[]>): Promise<object> => {
    const { principal, http } = request;
    const key = http.headers['idempotency-key'];
    const results = await suggestions.decide(principal, await request.body(), (urn, body) =>
      repeatableOf(key, { principal, route: `POST ${path} ${urn}`, body }, ids),
    );
    return { results };
  };
  return [route({ method: 'POST', path, access: 'signed-in', body: decisionsBody, answer: json, handle: decide })];
}
