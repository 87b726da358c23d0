import type { AssetDocument, SourcedClassification } from '../../channels/catalog/document.ts';
import type { PatchedPlace } from '../../channels/catalog/keyed-reader.ts';
import { sameJson } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { hidesNothing, type Mask } from '../../channels/wire/mask.ts';

/** The asset through a mask. @throws HubError not-found for a mask that leaves nothing of it */
export function shownAsset(asset: AssetDocument, mask: Mask): Omit<AssetDocument, 'head'> {
  const shown = mask.document(asset);
  if (shown.kind === 'asset') return shown;
  throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
}

const sample = 'sample';
const tag: SourcedClassification = {
  scheme: sample,
  name: sample,
  origin: 'unknown',
  state: 'suggested',
  connector: sample,
};

/** With something in every field: a mask shows what it hides by taking it away. */
function filled(asset: AssetDocument): AssetDocument {
  const tagged = (list: AssetDocument['classifications']): AssetDocument['classifications'] =>
    list.length === 0 ? [tag] : list;
  return {
    ...asset,
    description: asset.description ?? sample,
    domain: asset.domain ?? sample,
    owners: [...asset.owners, { id: sample, type: 'user' }],
    terms: [...asset.terms, sample],
    properties: [...asset.properties, { key: sample, value: sample }],
    classifications: tagged(asset.classifications),
    columns: asset.columns.map((column) => ({
      ...column,
      description: column.description ?? sample,
      classifications: tagged(column.classifications),
    })),
  };
}

function valueAt(asset: Omit<AssetDocument, 'head'>, { field, column: key }: PatchedPlace): unknown {
  const column = asset.columns.find((each) => each.key === key);
  switch (field) {
    case 'columns.description':
      return column?.description;
    case 'columns.classifications':
      return column?.classifications;
    case 'existence':
      return undefined;
    default:
      return asset[field];
  }
}

/** Nobody writes over what he does not see. @throws HubError forbidden naming the place */
export function assertUnmasked(asset: AssetDocument, mask: Mask, places: readonly PatchedPlace[]): void {
  if (hidesNothing(mask)) return;
  const whole = filled(asset);
  const shown = shownAsset(whole, mask);
  const masked = places.find((place) => !sameJson(valueAt(whole, place), valueAt(shown, place)));
  if (masked === undefined) return;
  const { path } = masked;
  throw new HubError('forbidden', `${path}: it is masked for you`, { publicDetails: { path } });
}

const tagFields = { own: 'classifications', column: 'columns.classifications' } as const;

/**
 * What a replacement may take away beside what it names: whatever people say. @throws HubError forbidden for somebody who
 * does not see all of it
 */
export function replacedPlaces(asset: AssetDocument, mask: Mask): readonly PatchedPlace[] {
  if (!hidesNothing(mask))
    throw new HubError('forbidden', 'body: part of the asset is masked for you, so you cannot replace it; use PATCH');
  const { absentColumns: _absent, classifications, ...curated } = asset.curated ?? {};
  const fields = Object.keys(curated).filter(isField);
  const own = fields.map((field) => ({ field, path: `/${field}` }) as const);
  const ofColumns = asset.columns.flatMap(({ key, name, curated: said }): PatchedPlace[] => [
    ...(said?.description === undefined
      ? []
      : [{ field: 'columns.description' as const, path: `/columns/${name}/description`, column: key }]),
    ...(said?.classifications === undefined
      ? []
      : [{ field: tagFields.column, path: `/columns/${name}/classifications`, column: key }]),
  ]);
  return [
    ...own,
    ...(classifications === undefined ? [] : [{ field: tagFields.own, path: '/classifications' }]),
    ...ofColumns,
  ];
}

const simpleFields = ['description', 'domain', 'status', 'owners', 'terms', 'properties'] as const;

function isField(name: string): name is (typeof simpleFields)[number] {
  return simpleFields.some((field) => field === name);
}
