import type { WireItem } from '@pursight/client';
import { assetDetails, type AssetTag } from '../asset/asset-document.ts';

/** One classification that somebody has suggested and nobody has decided. */
export interface Suggestion {
  readonly key: string;
  readonly urn: string;
  readonly asset: string;
  /** Undefined: of the asset itself. */
  readonly column: { readonly key: string; readonly name: string } | undefined;
  /** `scheme/name` */
  readonly tag: string;
  readonly origin: string;
}

/** A tag that is confirmed by one source and suggested by another is decided. */
function open(tags: readonly AssetTag[]): readonly AssetTag[] {
  const decided = new Set(tags.filter(({ state }) => state !== 'suggested').map(({ tag }) => tag));
  const seen = new Set<string>();
  return tags.filter(({ tag, state }) => {
    if (state !== 'suggested' || decided.has(tag) || seen.has(tag)) return false;
    seen.add(tag);
    return true;
  });
}

/** What a view gives of an asset, with the fields that are asked for. */
export interface SuggestionSource {
  readonly entity: Pick<WireItem['entity'], 'urn' | 'fqn' | 'name'>;
  readonly document: WireItem['document'];
}

/** All open suggestions of some assets, in the order of the assets and their columns. */
export function suggestionsOf(items: readonly SuggestionSource[]): readonly Suggestion[] {
  return items.flatMap(({ entity, document }) => {
    const { tags, columns } = assetDetails(document);
    const asset = entity.fqn ?? entity.name;
    const common = { urn: entity.urn, asset };
    return [
      ...open(tags).map(({ tag, origin }) => ({
        ...{ ...common, key: `${entity.urn}||${tag}`, column: undefined, tag, origin },
      })),
      ...columns.flatMap(({ key, name, tags: own }) =>
        open(own).map(({ tag, origin }) => ({
          ...{ ...common, key: `${entity.urn}|${key}|${tag}`, column: { key, name }, tag, origin },
        })),
      ),
    ];
  });
}
