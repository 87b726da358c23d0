import type { AssetPatch } from '../../channels/catalog/change.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import { parseIdentity } from '../../channels/catalog/keyed-identity.ts';
import { type KeyedPatch, parseKeyedPatch } from '../../channels/catalog/keyed-patch.ts';
import type { PatchedPlace } from '../../channels/catalog/keyed-reader.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import { maskOf } from '../../channels/wire/mask.ts';
import { assertRejectable, assertWritable, type Editor, isOfPeople } from './edit-rights.ts';
import { assertUnmasked, replacedPlaces, shownAsset } from './masked-places.ts';

/** What a request would change, judged on the asset as it is. */
export interface EditPlan {
  readonly patch: AssetPatch;
  readonly places: readonly PatchedPlace[];
}

/** What an edit says beside the body. */
export interface EditMode {
  /** The body is all that people say. */
  readonly replaces: boolean;
}

interface Parsed extends KeyedPatch {
  /** Of the source, which for assets that people have created is the hub. */
  readonly source: AssetPatch;
}

function parse(body: JsonObject, asset: AssetDocument, editor: Editor, { replaces }: EditMode): Parsed {
  const shown = shownAsset(asset, maskOf(editor.policyClass));
  if (!isOfPeople(asset)) return { ...parseKeyedPatch(body, { shown, whole: asset }), source: {} };
  const { patch, rest, columns, places } = parseIdentity(body, shown, replaces);
  const keyed = parseKeyedPatch(rest, { shown: { ...shown, columns }, whole: { columns } });
  return { ...keyed, places: [...places, ...keyed.places], source: patch };
}

/** @throws HubError forbidden, invalid-request; both name the path */
export function planEdit(body: JsonObject, asset: AssetDocument, editor: Editor, mode: EditMode): EditPlan {
  const { source, ...parsed } = parse(body, asset, editor, mode);
  const mask = maskOf(editor.policyClass);
  const places = mode.replaces ? [...parsed.places, ...replacedPlaces(asset, mask)] : parsed.places;
  assertUnmasked(asset, mask, places);
  assertWritable(editor, places, asset.head);
  assertRejectable(editor, parsed, asset);
  const mayDeclassify = editor.writer.mayDeclassify(asset.head);
  return { patch: { ...source, curated: { ...parsed.curation, ...mode, mayDeclassify } }, places };
}

const unborn = { owners: [], properties: [], columns: [] } as const;

/** Of an asset that is to be created; what it would be is judged when it is known. @throws HubError invalid-request */
export function planCreation(body: JsonObject, { writer }: Editor): EditPlan {
  const { patch, rest, columns, places } = parseIdentity(body, unborn, true);
  const keyed = parseKeyedPatch(rest, { shown: { ...unborn, columns }, whole: { columns } });
  const curated = { ...keyed.curation, mayDeclassify: writer.declassifies };
  return {
    patch: { ...patch, curated },
    places: [{ field: 'existence', path: '' }, ...places, ...keyed.places],
  };
}
