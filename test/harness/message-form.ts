import { Ajv, type ValidateFunction } from 'ajv';
import type { JsonObject } from '../../channels/event/json.ts';
import { asyncApiDocument } from '../../server/contracts/asyncapi-document.ts';
import { closed } from './closed-schema.ts';
import { messageFaults } from './message-faults.ts';

const document = asyncApiDocument({ basePath: '/' });
const { schemas, messages } = document['components'] as { schemas: JsonObject; messages: JsonObject };
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(closed(document, schemas) as object, 'api');
const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction | undefined {
  if (messages[name] === undefined) return undefined;
  const validate = validators.get(name) ?? ajv.compile({ $ref: `api#/components/messages/${name}/payload` });
  validators.set(name, validate);
  return validate;
}

/** A message that the hub has sent is as /v1/asyncapi.json describes it, or the test fails when it is over. */
export function checkMessage(name: string, payload: unknown): void {
  const validate = validatorOf(name);
  if (validate === undefined) messageFaults.push(`${name}: no such message is described`);
  else if (!validate(JSON.parse(JSON.stringify(payload))))
    messageFaults.push(`${name}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(payload).slice(0, 1000)}`);
}
