import { type JsonRecord, recordsOf, textOf, textsOf } from '../ui/json.ts';
import type { FormField } from './form-field.ts';
import type { Form } from './form.ts';
import type { Resource } from './resource.ts';

/** What people may say of an asset in a form. */
export const assetFields = [
  { field: 'description', title: 'Description', as: 'text', right: 'description' },
  { field: 'domain', title: 'Domain', as: 'line', right: 'domain' },
  { field: 'status', title: 'Status', as: 'choice', choices: ['active', 'deprecated'], right: 'status' },
  { field: 'owners', title: 'Owners', as: 'list', right: 'owners' },
  { field: 'terms', title: 'Terms', as: 'list', right: 'terms' },
] as const satisfies readonly FormField[];

/** Of a column. */
export const columnFields = assetFields.filter(({ field }) => field === 'description');

/** From an asset as the hub answers, or entity and document of a view together. */
export function assetForm(asset: JsonRecord): Form {
  const [description, domain, status] = [asset['description'], asset['domain'], asset['status']].map(textOf);
  return {
    texts: { description: description ?? '', domain: domain ?? '', status: status ?? '' },
    lists: { owners: recordsOf(asset['owners']).map(({ id }) => textOf(id)), terms: textsOf(asset['terms']) },
  };
}

function assetPath(urn: string): string {
  return `/v1/assets/${encodeURIComponent(urn)}`;
}

export function assetResource(urn: string): Resource {
  return { path: assetPath(urn), member: 'asset', formOf: assetForm, isLayered: true };
}

export function columnForm({ description }: JsonRecord): Form {
  return { texts: { description: textOf(description) }, lists: {} };
}

/** A column of an asset. */
export function columnResource(urn: string, key: string): Resource {
  return {
    path: assetPath(urn),
    member: 'asset',
    partOf: (asset) => recordsOf(asset['columns']).find((column) => column['key'] === key) ?? {},
    formOf: columnForm,
    wrap: (patch) => ({ columns: { [key]: patch } }),
    isLayered: true,
  };
}
