import { forms } from '../../channels/forms/forms.ts';
import type { CatalogCollections } from './catalog-collections.ts';

/** Names among the settings the form that all documents have. */
const metaKey = 'documents.form';

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
 * Gives documents of the first form what queries ask for, once in a deployment; everything else is upgraded as it is read.
 * Harmless when several processes do it at once.
 */
export async function upgradeDocuments({ documents, meta }: CatalogCollections): Promise<void> {
  const written = String(forms.document.writes);
  if ((await meta.findOne({ _id: metaKey }))?.value === written) return;
  await documents.updateMany({ v: { $exists: false } }, [
    { $set: { 'head.confirmedTags': confirmedTags, v: forms.document.writes } },
  ]);
  await meta.updateOne({ _id: metaKey }, { $set: { value: written } }, { upsert: true });
}
