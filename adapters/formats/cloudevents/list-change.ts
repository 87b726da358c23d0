import type { ListChange } from '../../../channels/catalog/change.ts';
import type { Owner } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import { invalid } from '../faults.ts';
import { asId, asList, asObject, asOneOf, assertKnown, defined, type Field, member, optional } from '../fields.ts';

export interface ListReader<Item, Key> {
  readonly item: (field: Field) => Item;
  readonly key: (field: Field) => Key;
  /** Text by which items and keys are the same. */
  readonly same: (item: Item | Key) => string;
  readonly max: number;
}

/** A list names each thing once; naming it twice is a mistake of which half would be lost. */
function assertDistinct(names: readonly string[], path: string): void {
  if (new Set(names).size !== names.length) throw invalid(path, 'must not name the same entry twice');
}

/** An array is the whole list as it is now; `{add, remove}` is what changed. @throws HubError invalid-message, limit-exceeded */
export function readListChange<Item, Key>(
  field: Field,
  { item, key, same, max }: ListReader<Item, Key>,
): ListChange<Item, Key> {
  const { value, path } = field;
  if (Array.isArray(value)) {
    const list = asList(field, max).map(item);
    assertDistinct(list.map(same), path);
    return { mode: 'state', list };
  }
  if (!isJsonObject(value)) throw invalid(path, 'must be a list, or an object with add and remove');
  assertKnown(value, ['add', 'remove'], path);
  const add = optional(member(value, 'add', path), (each) => asList(each, max).map(item)) ?? [];
  const remove = optional(member(value, 'remove', path), (each) => asList(each, max).map(key)) ?? [];
  assertDistinct([...add.map(same), ...remove.map(same)], path);
  return { mode: 'delta', add, remove };
}

function readOwner(field: Field): Owner {
  if (!isJsonObject(field.value)) return { id: asId(field), type: 'user' };
  const owner = asObject(field);
  assertKnown(owner, ['id', 'type', 'role'], field.path);
  return {
    id: asId(member(owner, 'id', field.path)),
    type: optional(member(owner, 'type', field.path), (each) => asOneOf(each, ['user', 'group'])) ?? 'user',
    ...defined({ role: optional(member(owner, 'role', field.path), asId) }),
  };
}

export function readOwners(field: Field): ListChange<Owner, string> {
  return readListChange<Owner, string>(field, {
    item: readOwner,
    key: asId,
    same: (owner) => (typeof owner === 'string' ? owner : owner.id),
    max: documentLimits.owners,
  });
}

export function readTerms(field: Field): ListChange<string, string> {
  return readListChange<string, string>(field, {
    item: asId,
    key: asId,
    same: (term) => term,
    max: documentLimits.terms,
  });
}
