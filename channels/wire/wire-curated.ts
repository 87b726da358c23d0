import { memberFacts, tagFacts, valueFacts } from '../catalog/curated-facts.ts';
import type {
  AssetDocument,
  Column,
  CuratedColumn,
  CuratedMember,
  CuratedTag,
  Owner,
  Property,
} from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { JsonObject, JsonValue } from '../event/json.ts';
import { sameJson } from '../event/json.ts';
import { hidesNothing, type Mask } from './mask.ts';
import { showsActors } from './masked-op.ts';

type Asset = WithoutHead<AssetDocument>;

/** What people say of an asset as clients see it: undefined where they say nothing. Of columns by their keys. */
export interface WireCurated {
  readonly own: object | undefined;
  readonly columns: ReadonlyMap<string, object>;
}

const nothing: WireCurated = { own: undefined, columns: new Map() };

type Speakers = (facts: JsonObject) => JsonObject;

interface ListFacts {
  readonly added: readonly JsonObject[];
  readonly removed: readonly JsonObject[];
}

function listOf<Item extends JsonValue>(members: readonly CuratedMember<Item>[], speakers: Speakers): ListFacts {
  const without = ({ value: _value, ...facts }: JsonObject): JsonObject => facts;
  const facts = members.map((member) => speakers(memberFacts(member)));
  return {
    added: facts.filter(({ value }) => value !== null),
    removed: facts.filter(({ value }) => value === null).map(without),
  };
}

/** `removed`: what a source confirms, and somebody who may has declassified. */
function tagsOf(
  tags: readonly CuratedTag[],
  speakers: Speakers,
): ListFacts & { readonly rejected: readonly JsonObject[] } {
  const facts = tags.map((tag) => speakers(tagFacts(tag)));
  const rejected = facts.filter(({ state }) => state === 'rejected');
  return {
    added: facts.filter(({ state }) => state === 'confirmed'),
    removed: rejected.filter(({ source }) => source === 'confirmed'),
    rejected: rejected.filter(({ source }) => source !== 'confirmed'),
  };
}

/** Members that are undefined are not encoded. */
function columnOf({ description, classifications }: CuratedColumn, speakers: Speakers): object {
  return {
    description: description && speakers(valueFacts(description)),
    classifications: classifications && tagsOf(classifications, speakers),
  };
}

function assetOf(asset: Asset, speakers: Speakers): WireCurated {
  const { curated = {} } = asset;
  const { domain, status, owners, terms, properties } = curated;
  const own = {
    ...columnOf(curated, speakers),
    domain: domain && speakers(valueFacts(domain)),
    status: status && speakers(valueFacts(status)),
    owners: owners && listOf(owners, speakers),
    terms: terms && listOf(terms, speakers),
    properties: properties && listOf(properties, speakers),
  };
  const columns = asset.columns.flatMap(({ key, curated: said }) =>
    said === undefined ? [] : [[key, columnOf(said, speakers)] as const],
  );
  const saysSomething = Object.values(own).some((value) => value !== undefined);
  return { own: saysSomething ? own : undefined, columns: new Map(columns) };
}

const sample = 'sample';

/** The text that a mask has to let pass: what the source says, or some text where it says nothing. */
function probeText(value: string | undefined, source: string | undefined): string {
  return source ?? value ?? sample;
}

function withMembers<Item>(
  items: readonly Item[],
  members: readonly CuratedMember<Item>[] = [],
  itemOf: (key: string) => Item,
): readonly Item[] {
  return [...items, ...members.flatMap(({ key, value, source }) => (value === null ? [source ?? itemOf(key)] : []))];
}

function withHidden<Element extends Pick<Column, 'classifications' | 'curated'>>(
  element: Element,
  tags: readonly CuratedTag[] = [],
): Element {
  const hidden = tags.flatMap((tag): Column['classifications'] =>
    tag.hidden.length > 0
      ? tag.hidden
      : [{ scheme: tag.scheme, name: tag.name, origin: 'unknown', state: 'suggested', connector: sample }],
  );
  return { ...element, classifications: [...element.classifications, ...hidden] };
}

function columnsWith(asset: Asset, change: (column: Column, said: CuratedColumn) => Column): Asset['columns'] {
  return asset.columns.map((column) => (column.curated === undefined ? column : change(column, column.curated)));
}

/** The asset with the values of the sources in the places of what counts: a mask decides about them as about others. */
function withSources(asset: Asset): Asset {
  const { curated = {}, description, domain } = asset;
  const ownerOf = (id: string): Owner => ({ id, type: 'user' });
  const propertyOf = (key: string): Property => ({ key, value: sample });
  const properties = curated.properties?.map(({ key, value, source }) => ({
    ...{ key, by: '', at: '' },
    value: value === null ? null : { key, value },
    ...(source === undefined ? {} : { source: { key, value: source } }),
  }));
  return {
    ...asset,
    description: probeText(description, curated.description?.source),
    domain: probeText(domain, curated.domain?.source),
    status: curated.status?.source ?? asset.status,
    owners: withMembers(asset.owners, curated.owners, ownerOf),
    terms: withMembers(asset.terms, curated.terms, (term) => term),
    properties: withMembers(asset.properties, properties, propertyOf),
    columns: columnsWith(asset, (column, said) => ({
      ...column,
      description: probeText(column.description, said.description?.source),
    })),
  };
}

/** The asset with the tags that are not shown. */
function withTags(asset: Asset): Asset {
  const columns = columnsWith(asset, (column, said) => withHidden(column, said.classifications));
  const { classifications } = withHidden({ classifications: asset.classifications }, asset.curated?.classifications);
  return { ...asset, columns, classifications };
}

/** True for a field that the mask shows as it is, in each of several images of the asset. */
type Passes = (read: (asset: Asset) => unknown) => boolean;

function passing(images: readonly (readonly [Asset, Asset])[]): Passes {
  return (read) => images.every(([whole, shown]) => sameJson(read(whole), read(shown)));
}

function visibleColumn(key: string, said: CuratedColumn, values: Passes, tags: Passes): CuratedColumn | undefined {
  const columnIn = ({ columns }: Asset): Column | undefined => columns.find((column) => column.key === key);
  const { description, classifications } = said;
  const shown = {
    ...(description !== undefined && values((asset) => columnIn(asset)?.description) ? { description } : {}),
    ...(classifications !== undefined && tags((asset) => columnIn(asset)?.classifications) ? { classifications } : {}),
  };
  return Object.keys(shown).length === 0 ? undefined : shown;
}

/** Only of what the mask lets pass as it is: whatever a mask knows of the layer of people, it hides it with the field. */
function visible(whole: Asset, shown: Asset, mask: Mask): Asset {
  const through = (asset: Asset): readonly [Asset, Asset][] => {
    const masked = mask.document(asset);
    return masked.kind === 'asset' ? [[asset, masked]] : [];
  };
  const values = passing([[whole, shown], ...through(withSources(whole))]);
  const tags = passing([[whole, shown], ...through(withTags(whole))]);
  const fields = Object.entries(whole.curated ?? {}).filter(([field]) =>
    field === 'classifications' ? tags((asset) => asset.classifications) : values((asset) => fieldOf(asset, field)),
  );
  const columns = shown.columns.map((column) => {
    const { curated: _all, ...rest } = column;
    const said = whole.columns.find(({ key }) => key === column.key)?.curated;
    const curated = said && visibleColumn(column.key, said, values, tags);
    return curated === undefined ? rest : { ...rest, curated };
  });
  return { ...shown, columns, curated: Object.fromEntries(fields) };
}

function fieldOf(asset: Asset, field: string): unknown {
  return new Map<string, unknown>(Object.entries(asset)).get(field);
}

/** `shown`: the document through the mask. */
export function wireCurated(whole: Asset | WithoutHead, shown: Asset, mask: Mask): WireCurated {
  if (whole.kind !== 'asset' || whole.curated === undefined) return nothing;
  if (hidesNothing(mask)) return assetOf(whole, (facts) => facts);
  const speakers: Speakers = showsActors(mask) ? (facts) => facts : ({ by: _by, ...facts }) => facts;
  return assetOf(visible(whole, shown, mask), speakers);
}
