import type { FormField } from '../edit/form-field.ts';

export const conceptKindNames = ['term', 'domain', 'team'] as const;
export type ConceptKindName = (typeof conceptKindNames)[number];

/** What the page knows of a kind of what people define to describe assets by. */
export interface ConceptKind {
  readonly name: ConceptKindName;
  readonly title: string;
  /** Of its channel, and of its routes below `/v1`. */
  readonly plural: string;
  readonly fields: readonly FormField[];
}

/** Its existence is what people define. */
const line = (field: string, title: string): FormField => ({ field, title, as: 'line', right: 'existence' });
const list = (field: string, title: string): FormField => ({ field, title, as: 'list', right: 'existence' });
const common = [
  line('name', 'Name'),
  { field: 'description', title: 'Description', as: 'text', right: 'description' },
] as const satisfies readonly FormField[];
const owners: FormField = { field: 'owners', title: 'Owners', as: 'list', right: 'owners' };
const status = (...choices: readonly string[]): FormField => ({
  ...{ field: 'status', title: 'Status', as: 'choice', choices, right: 'status' },
});

export const conceptKinds: Readonly<Record<ConceptKindName, ConceptKind>> = {
  term: {
    ...{ name: 'term', title: 'Terms', plural: 'terms' },
    fields: [
      ...common,
      status('draft', 'approved', 'deprecated'),
      line('glossary', 'Glossary'),
      { field: 'domain', title: 'Domain', as: 'line', right: 'domain' },
      line('parent', 'Parent'),
      list('synonyms', 'Synonyms'),
      list('relatedTerms', 'Related terms'),
      owners,
      line('type', 'Type'),
    ],
  },
  domain: {
    ...{ name: 'domain', title: 'Domains', plural: 'domains' },
    fields: [
      ...common,
      status('active', 'deprecated'),
      line('parent', 'Parent'),
      owners,
      list('experts', 'Experts'),
      line('type', 'Type'),
    ],
  },
  team: {
    ...{ name: 'team', title: 'Teams', plural: 'teams' },
    fields: [
      ...common,
      status('active', 'deprecated'),
      line('parent', 'Parent'),
      list('members', 'Members'),
      line('contact', 'Contact'),
      owners,
      line('type', 'Type'),
    ],
  },
};

export function conceptKindOf(name: unknown): ConceptKind | undefined {
  const known = conceptKindNames.find((each) => each === name);
  return known === undefined ? undefined : conceptKinds[known];
}
