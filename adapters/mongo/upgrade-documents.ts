import { declaredForm } from '../../channels/forms/declared-forms.ts';
import { forms } from '../../channels/forms/forms.ts';
import { writtenForm } from '../../channels/forms/written-form.ts';
import type { CatalogCollections } from './catalog-collections.ts';

/** Documents of the first form are of kinds that this one has. */
const usualForm = writtenForm('document', 'asset');
const escaped = ['%', '/'].reduce<object | string>(
  (input, find) => ({ $replaceAll: { input, find, replacement: encodeURIComponent(find) } }),
  '$$tag.scheme',
);
const bothLists = { $concatArrays: ['$head.classifications', '$head.columnClassifications'] };
const confirmed = { $filter: { input: bothLists, as: 'tag', cond: { $eq: ['$$tag.state', 'confirmed'] } } };
const texts = { $map: { input: confirmed, as: 'tag', in: { $concat: [escaped, '/', '$$tag.name'] } } };
/** As head-of.ts has it; queries do not ask for the order. */
const confirmedTags = { $cond: [{ $eq: ['$kind', 'definition'] }, '$head.tags', { $setUnion: [texts] }] };

/** Gives documents of the first form what queries ask for; everything else of them is upgraded as it is read. */
export async function upgradeDocuments({ documents }: Pick<CatalogCollections, 'documents'>): Promise<void> {
  await documents.updateMany({ v: { $exists: false } }, [
    { $set: { 'head.confirmedTags': confirmedTags, v: usualForm } },
  ]);
}

/**
 * The same before anybody asks, until a node has declared that it writes the second form. Nodes of the release before may
 * go on writing the first. Harmless when several processes do it at once. `declared`: the setting of the catalog.
 * @throws NewerForm
 */
export async function upgradeOnce(
  collections: Pick<CatalogCollections, 'documents'>,
  declared: string | undefined,
): Promise<void> {
  if (declaredForm(declared, 'document') < forms.document.writes) await upgradeDocuments(collections);
}
