import { declaredForm, declaredFormsKey } from '../../channels/forms/declared-forms.ts';
import { forms } from '../../channels/forms/forms.ts';
import type { CatalogCollections } from './catalog-collections.ts';

const escaped = ['%', '/'].reduce<object | string>(
  (input, find) => ({ $replaceAll: { input, find, replacement: encodeURIComponent(find) } }),
  '$$tag.scheme',
);
const bothLists = { $concatArrays: ['$head.classifications', '$head.columnClassifications'] };
const confirmed = { $filter: { input: bothLists, as: 'tag', cond: { $eq: ['$$tag.state', 'confirmed'] } } };
const texts = { $map: { input: confirmed, as: 'tag', in: { $concat: [escaped, '/', '$$tag.name'] } } };
/** As head-of.ts has it; queries do not ask for the order. */
const confirmedTags = { $cond: [{ $eq: ['$kind', 'definition'] }, '$head.tags', { $setUnion: [texts] }] };

/**
 * Gives documents of the first form what queries ask for, until a node has declared that it writes the second; everything
 * else is upgraded as it is read. Harmless when several processes do it at once.
 * @throws NewerForm
 */
export async function upgradeDocuments({ documents, meta }: CatalogCollections): Promise<void> {
  const declared = (await meta.findOne({ _id: declaredFormsKey }))?.value;
  if (declaredForm(declared, 'document') >= forms.document.writes) return;
  await documents.updateMany({ v: { $exists: false } }, [
    { $set: { 'head.confirmedTags': confirmedTags, v: forms.document.writes } },
  ]);
}
