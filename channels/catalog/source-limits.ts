import { HubError } from '../protocol/hub-error.ts';
import type { AssetPatch } from './change.ts';
import type { Content } from './content.ts';
import type { AssetDocument } from './document.ts';
import { documentLimits as limits } from './limits.ts';

function assertCount(list: readonly unknown[], max: number, place: string): void {
  if (list.length > max)
    throw new HubError('limit-exceeded', `asset.${place}: Too big: expected array to have <=${max} items`);
}

/**
 * Bounds the lists that the sources say, without what people say over them: whoever adds an owner must not make the next
 * message of a source one too many. Only what the patch names can have grown. @throws HubError limit-exceeded
 */
export function assertSourceLists(source: Content<AssetDocument>, patch: AssetPatch): void {
  for (const field of ['owners', 'terms', 'properties', 'classifications'] as const)
    if (patch[field] !== undefined) assertCount(source[field], limits[field], field);
  if (patch.columns === undefined) return;
  for (const [index, { classifications }] of source.columns.entries())
    assertCount(classifications, limits.classificationsPerColumn, `columns[${index}].classifications`);
}
