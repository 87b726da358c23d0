import { type Command, InvalidArgumentError, Option } from 'commander';
import { documentMembers, headMembers } from '../channels/wire/members.ts';
import type { Field, JsonObject, Shape } from '../client-sdk/index.ts';

/** What a subscription of a command selects, and what it shows of it. */
export interface WantedFlags {
  readonly filter?: JsonObject;
  readonly shape?: Shape;
  readonly fields?: readonly Field[];
}

const shapes = ['document', 'entity', 'changes'] as const satisfies readonly Shape[];

function isField(name: string): name is Field {
  return headMembers.has(name) || documentMembers.has(name);
}

/** Which of them a shape has is what the hub checks. @throws InvalidArgumentError for a name that no shape has */
export function fieldsOf(raw: string): readonly Field[] {
  return raw.split(',').map((part) => {
    const name = part.trim();
    if (isField(name)) return name;
    const known = [...new Set([...headMembers, ...documentMembers])].toSorted();
    throw new InvalidArgumentError(`"${name}" is no field; choose from ${known.join(', ')}, separated by commas`);
  });
}

/** Adds `--shape` and `--fields`. */
export function withFormOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--shape <shape>', 'what each event carries (default: entity, document or changes)').choices(shapes),
    )
    .option('--fields <names>', 'only these members, and updates that change one of them', fieldsOf);
}

/** As the client library takes it. */
export function wantedOf({ filter, shape, fields }: WantedFlags): WantedFlags {
  return { ...(filter && { filter }), ...(shape && { shape }), ...(fields && { fields }) };
}
