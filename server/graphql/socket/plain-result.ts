import { type ExecutionResult, GraphQLError } from 'graphql';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';

/** An error that is told as it was answered, with its places. */
function errorAs(told: JsonObject): GraphQLError {
  const { message } = told;
  return Object.assign(new GraphQLError(typeof message === 'string' ? message : 'refused'), { toJSON: () => told });
}

/** Those of a result, or of an answer that is none: problem details. */
export function errorsIn({ errors, detail, ...extensions }: JsonObject): readonly GraphQLError[] {
  if (Array.isArray(errors)) return errors.filter(isJsonObject).map(errorAs);
  return [errorAs({ message: typeof detail === 'string' ? detail : 'refused', extensions })];
}

/** A result as it was answered. */
export function resultIn(answer: JsonObject): ExecutionResult {
  const { errors, ...rest } = answer;
  return errors === undefined ? rest : { ...rest, errors: errorsIn({ errors }) };
}
