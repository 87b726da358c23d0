import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import {
  type ComplexityEstimator,
  createComplexityRule,
  directiveEstimator,
  simpleEstimator,
} from 'graphql-query-complexity';

/** Of one request. A field costs 1, or what the schema says; a list costs that for each item that is asked for. */
export const queryLimits = { tokens: 2000, cost: 10_000 } as const;

type Variables = Readonly<Record<string, unknown>> | null | undefined;

function tooLarge(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'limit-exceeded' } });
}

const byDirective = directiveEstimator({ name: 'complexity' });

/** Numbers of items below 1 are refused by the field itself: they must not pay for others. */
const estimator: ComplexityEstimator = (options) => {
  const args = Object.entries(options.args).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'number' ? Math.max(1, value) : value,
  ]);
  return byDirective({ ...options, args: Object.fromEntries(args) });
};

function costRule(variables: Variables): ValidationRule {
  return createComplexityRule({
    maximumComplexity: queryLimits.cost,
    variables: { ...variables },
    estimators: [estimator, simpleEstimator({ defaultComplexity: 1 })],
    createError: (max, actual) =>
      tooLarge(`The query costs ${actual}; at most ${max}: ask for fewer items (first) or fields`),
  });
}

/** The parser calls itself for each level of what it reads. */
function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: queryLimits.tokens });
  } catch (error) {
    return error instanceof GraphQLError ? error : tooLarge('Syntax Error: it is nested too deep');
  }
}

function faultsOf(schema: GraphQLSchema, document: DocumentNode, variables: Variables): readonly GraphQLError[] {
  try {
    return validate(schema, document, [...specifiedRules, costRule(variables)]);
  } catch (error) {
    // the cost of fragments within fragments is not counted to its end
    return [error instanceof GraphQLError ? error : tooLarge('The query is too large, with all its fragments')];
  }
}

/** A query that may be run, or what is wrong with it: it cannot be parsed, is not valid, or would cost too much. */
export function checkedQuery(
  schema: GraphQLSchema,
  query: string,
  variables: Variables,
): { readonly document: DocumentNode } | { readonly faults: readonly GraphQLError[] } {
  const document = parsed(query);
  if (document instanceof GraphQLError) return { faults: [document] };
  const faults = faultsOf(schema, document, variables);
  return faults.length === 0 ? { document } : { faults };
}
