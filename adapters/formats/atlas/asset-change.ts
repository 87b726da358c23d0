import type { AssetPatch, Change, ClassificationChange } from '../../../channels/catalog/change.ts';
import { withMembers } from '../../../channels/event/with-members.ts';
import { changeBase, type MessageFacts } from '../change-base.ts';
import { defined } from '../fields.ts';
import { urnIn } from '../urn.ts';
import { assetTypeOf, platformOf } from './asset-type.ts';
import { patchOf } from './attributes.ts';
import type { EntityHeader } from './entity-header.ts';

/** Soft or hard, the entity is no longer in the catalog. */
export function isGone(header: EntityHeader): boolean {
  return header.status === 'DELETED' || header.status === 'PURGED';
}

/** The type stays out of the urn: an entity that is retyped is still the same one. */
function headerUrn(facts: MessageFacts, header: EntityHeader): string {
  return urnIn(facts.profile, header.guid, 'guid');
}

function baseOf(facts: MessageFacts, header: EntityHeader, ordinal: number): ReturnType<typeof changeBase> {
  return changeBase(facts, {
    urn: headerUrn(facts, header),
    nativeId: header.guid,
    nativeType: header.typeName,
    ordinal,
  });
}

/** A hard delete comes as a soft one with a handler that says so. */
export function deleteChange(facts: MessageFacts, header: EntityHeader, ordinal = 0): Change {
  const purge = header.status === 'PURGED' || header.deleteHandler === 'HARD' || header.deleteHandler === 'PURGE';
  return withMembers(baseOf(facts, header, ordinal), { target: 'asset', action: 'delete', purge } as const);
}

/** What a header says of the asset itself, without its tags. @throws HubError limit-exceeded */
export function headerPatch(facts: MessageFacts, header: EntityHeader): AssetPatch {
  const type = assetTypeOf(header.typeName);
  const { attributes: values, changed, relations, displayText, terms } = header;
  return {
    type,
    ...defined({
      platform: platformOf(header.typeName),
      terms: terms === undefined ? undefined : ({ mode: 'state', list: terms } as const),
    }),
    ...patchOf({ values, changed, relations, displayText }, type, facts.profile),
  };
}

/** @throws HubError invalid-message, limit-exceeded */
export function upsertChange(
  facts: MessageFacts,
  header: EntityHeader,
  patch: AssetPatch,
  classifications?: ClassificationChange,
  ordinal = 0,
): Change {
  const whole = { ...patch, ...defined({ classifications }) };
  const what = { target: 'asset', action: 'upsert', patch: whole, mayCut: true } as const;
  return withMembers(baseOf(facts, header, ordinal), what);
}
