import { HubError } from '../../../channels/protocol/hub-error.ts';
import { documentMembers, headMembers } from '../../../channels/wire/members.ts';

const known: ReadonlySet<string> = new Set(['urn', ...headMembers, ...documentMembers]);

/** @throws HubError invalid-request naming the unknown member */
export function assertFieldNames(fields: readonly string[], name: string): void {
  const wrong = fields.find((each) => !known.has(each));
  if (wrong !== undefined)
    throw new HubError(
      'invalid-request',
      `${name}: ${JSON.stringify(wrong)} is unknown; known are ${[...known].toSorted().join(', ')}`,
    );
}
