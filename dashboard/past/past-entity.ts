import type { WireEntity, WireItem } from '@pursight/client';
import type { AssetDetails } from '../asset/asset-document.ts';
import { type JsonRecord, textOf } from '../ui/json.ts';

/** Entity and document of a view as the one document that events speak of. */
export function wholeOf({ entity, document }: WireItem): JsonRecord {
  const { name, type, status, domain, platform, fqn } = entity;
  return { ...document, name, type, status, domain, platform, fqn };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** What a head was, of a document as it was. */
export function entityOf(now: WireEntity, was: JsonRecord, { tags, columns }: AssetDetails): WireEntity {
  const [name = '', type = '', status = ''] = [was['name'], was['type'], was['status']].map(textOf);
  const [domain = null, platform = null, fqn = null] = [was['domain'], was['platform'], was['fqn']]
    .map(textOf)
    .map(orNull);
  const all = [...tags, ...columns.flatMap((column) => column.tags)].map(({ tag }) => tag);
  return { ...now, name, type, status, domain, platform, fqn, tags: [...new Set(all)].toSorted() };
}
