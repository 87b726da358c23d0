import { normalTag } from '../event/normal-text.ts';
import { hubConnector } from './change.ts';
import { stillProtecting } from './curated-facts.ts';
import type { AssetDocument, Column, SourcedClassification } from './document.ts';

/** How much one tag protects an element: by the levels of all that say it, and of those that confirm it. */
interface Protection {
  readonly level: number;
  readonly confirmedLevel: number;
}

const [noLevel, notConfirmed] = [-1, -2];

type Element = Pick<Column, 'classifications'> & Pick<Partial<Column>, 'curated'>;

function protectionOf({ classifications, curated }: Element): ReadonlyMap<string, Protection> {
  const byTag = new Map<string, Protection>();
  const add = (item: SourcedClassification, isConfirmed: boolean): void => {
    const held = byTag.get(normalTag(item));
    const own = item.level ?? noLevel;
    byTag.set(normalTag(item), {
      level: Math.max(own, held?.level ?? noLevel),
      confirmedLevel: Math.max(isConfirmed ? own : notConfirmed, held?.confirmedLevel ?? notConfirmed),
    });
  };
  for (const item of classifications) add(item, item.state === 'confirmed');
  for (const item of stillProtecting(curated?.classifications)) add(item, false);
  return byTag;
}

function loweredIn(before: Element, after: Element): string | undefined {
  const left = protectionOf(after);
  return [...protectionOf(before)].find(([tag, { level, confirmedLevel }]) => {
    const now = left.get(tag);
    return now === undefined || now.confirmedLevel < confirmedLevel || now.level < level;
  })?.[0];
}

/**
 * The first tag that protects less after a change than before: it is gone, no longer confirmed, or of a lower level, on
 * the asset or on one of its columns. undefined: everything is protected as it was, or better.
 */
export function loweredTag(before: AssetDocument, after: AssetDocument): string | undefined {
  const columns = new Map(after.columns.map((column) => [column.key, column]));
  const own = loweredIn(
    { classifications: before.classifications, ...(before.curated === undefined ? {} : { curated: before.curated }) },
    { classifications: after.classifications, ...(after.curated === undefined ? {} : { curated: after.curated }) },
  );
  if (own !== undefined) return `/classifications/${own}`;
  for (const column of before.columns) {
    const tag = loweredIn(column, columns.get(column.key) ?? { classifications: [] });
    if (tag !== undefined) return `/columns/${column.name}/classifications/${tag}`;
  }
  return undefined;
}

/** True where a source confirms a tag of an element, so that rejecting it is more than to decide a suggestion. */
export function isConfirmedBySource(
  { classifications }: Element,
  tag: { readonly scheme: string; readonly name: string },
): boolean {
  const key = normalTag(tag);
  return classifications.some(
    (item) => item.state === 'confirmed' && item.connector !== hubConnector && normalTag(item) === key,
  );
}
