import { GraphQLError, parse, type ValidationRule } from 'graphql';
import { createComplexityRule, directiveEstimator, simpleEstimator } from 'graphql-query-complexity';

/** Of one request. A field costs 1, or what the schema says; a list costs that for each item that is asked for. */
export const queryLimits = { tokens: 2000, cost: 10_000 } as const;

/** @throws GraphQLError for what cannot be parsed, or has too many tokens */
export const parseQuery: typeof parse = (source, options) =>
  parse(source, { ...options, maxTokens: queryLimits.tokens });

/** Refuses what would cost too much, before anything is done for it. */
export function costRule(variables: Readonly<Record<string, unknown>> | null | undefined): ValidationRule {
  return createComplexityRule({
    maximumComplexity: queryLimits.cost,
    variables: { ...variables },
    estimators: [directiveEstimator({ name: 'complexity' }), simpleEstimator({ defaultComplexity: 1 })],
    createError: (max, actual) =>
      new GraphQLError(`The query costs ${actual}; at most ${max}: ask for fewer items (first) or fields`, {
        extensions: { code: 'limit-exceeded' },
      }),
  });
}
