import type { Change, RelationshipPatch } from '../../../channels/catalog/change.ts';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { changeBase, type MessageFacts } from '../change-base.ts';
import { asId, asName, asObject, asText, type Field, isAbsent, member, optional } from '../fields.ts';
import { isName } from '../text-bounds.ts';
import { urnIn } from '../urn.ts';
import type { Notification } from './notification.ts';

interface End {
  readonly urn: string;
  readonly typeName: string;
}

const inputs = 'dataset_process_inputs';
const lineageTypes: ReadonlySet<string> = new Set([inputs, 'process_dataset_outputs']);

function readEnd(field: Field, facts: MessageFacts): End {
  const end = asObject(field);
  const guid = asName(member(end, 'guid', field.path));
  return { urn: urnIn(facts.profile, guid, `${field.path}.guid`), typeName: asId(member(end, 'typeName', field.path)) };
}

/** Data flows through processes: an edge of which one end is a process is lineage. */
function isLineage(type: string, ends: readonly End[]): boolean {
  return lineageTypes.has(type) || ends.some((end) => /process$/i.test(end.typeName));
}

function word(field: Field): string | undefined {
  return optional(field, (each) => asText(each, documentLimits.nameLength));
}

function hasEnds(relationship: JsonObject): boolean {
  return [relationship['end1'], relationship['end2']].every(
    (end) => isJsonObject(end) && isName(end['guid']) && isName(end['typeName'], documentLimits.idLength),
  );
}

function readPatch(relationship: JsonObject, at: string, type: string, facts: MessageFacts): RelationshipPatch {
  const endOf = (key: string): End => readEnd(member(relationship, key, at), facts);
  const ends: readonly [End, End] = [endOf('end1'), endOf('end2')];
  // the first end of an input is the process that reads, but data flows from the data set into it
  const [from, to] = type === inputs ? [ends[1], ends[0]] : ends;
  const properties = Object.fromEntries(
    ['label', 'propagateTags']
      .map((key) => [key, word(member(relationship, key, at)) ?? null] as const)
      .filter(([key]) => !isAbsent(member(relationship, key, at))),
  );
  return { type, from: from.urn, to: to.urn, lineage: isLineage(type, ends), properties };
}

/** @throws HubError invalid-message, limit-exceeded */
export function relationshipChanges({ operation, subject }: Notification, facts: MessageFacts): readonly Change[] {
  const relationship = asObject(subject);
  const at = subject.path;
  const guid = asName(member(relationship, 'guid', at));
  const type = asId(member(relationship, 'typeName', at));
  const base = changeBase(facts, { urn: urnIn(facts.profile, guid, `${at}.guid`), nativeId: guid, nativeType: type });
  const status = word(member(relationship, 'status', at));
  const gone = operation === 'RELATIONSHIP_DELETE' || status === 'DELETED' || status === 'PURGED';
  // what is deleted is known by its guid alone
  if (gone && !hasEnds(relationship)) return [{ ...base, target: 'relationship', action: 'delete' }];
  const patch = readPatch(relationship, at, type, facts);
  return [
    gone
      ? { ...base, target: 'relationship', action: 'delete', patch }
      : { ...base, target: 'relationship', action: 'upsert', patch },
  ];
}
