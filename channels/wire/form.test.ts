import { expect, it } from 'vitest';
import { HubError } from '../protocol/hub-error.ts';
import { createForm, type WantedForm } from './form.ts';

function refusal(wanted: WantedForm): string {
  try {
    createForm(wanted);
  } catch (error) {
    const { code, message } = HubError.from(error);
    return `${code}: ${message}`;
  }
  return 'none';
}

it('is the same for what means the same, and another for everything else', () => {
  const keys = (wanted: readonly WantedForm[]): number => new Set(wanted.map((each) => createForm(each).key)).size;
  expect(keys([{}, { mode: 'events' }])).toBe(1);
  expect(keys([{ mode: 'view' }, { mode: 'view', shape: 'document' }])).toBe(1);
  expect(keys([{ fields: ['name', 'tags'] }, { fields: ['tags', 'name', 'tags'] }])).toBe(1);
  const all: readonly WantedForm[] = [
    ...[{}, { shape: 'document' }, { shape: 'entity' }, { shape: 'changes' }, { mode: 'view' }],
    ...[{ mode: 'view', shape: 'entity' }, { fields: ['name'] }, { shape: 'entity', fields: ['name'] }],
    ...[
      { mode: 'view', fields: ['name'] },
      { mode: 'view', shape: 'entity', fields: ['name'] },
    ],
    { fields: ['name', 'tags'] },
  ] as const;
  expect(keys(all)).toBe(all.length);
});

it.each<[string, WantedForm, string]>([
  [
    'changes of a view',
    { mode: 'view', shape: 'changes' },
    'invalid-request: shape: a view has no changes; use entity or document, or mode events',
  ],
  [
    'an unknown name',
    { fields: ['name', 'colour'] },
    'invalid-request: fields.1: "colour" is not a field of a subscription without a shape; it has aliases, assignees, classifications,',
  ],
  [
    'what only documents have',
    { shape: 'entity', fields: ['columns'] },
    'invalid-request: fields.0: "columns" is not a field of the shape entity; it has domain, fqn, kind, name, owners, platform, status, tags, type (the urn always comes)',
  ],
  [
    'what never stands in a change',
    { shape: 'changes', fields: ['tags'] },
    'invalid-request: fields.0: "tags" is not a field of the shape changes; it has aliases,',
  ],
  [
    'what would come with the first event and never again',
    { fields: ['name', 'updatedAt'] },
    'invalid-request: fields.1: "updatedAt" is not a field of a subscription without a shape; it has aliases, assignees,',
  ],
  [
    'names of what all objects have',
    { fields: ['constructor'] },
    'invalid-request: fields.0: "constructor" is not a field of a subscription without a shape;',
  ],
])('refuses %s, names the field and says what to do', (_name, wanted, message) => {
  expect(refusal(wanted).slice(0, message.length)).toBe(message);
});

it('reads documents only where it asks for what only they have', () => {
  expect(createForm().readsDocument).toBe(true);
  expect(createForm({ mode: 'view', fields: ['name', 'tags'] }).readsDocument).toBe(false);
  expect(createForm({ mode: 'view', fields: ['name', 'columns'] }).readsDocument).toBe(true);
  // with role and type
  expect(createForm({ fields: ['owners'] }).readsDocument).toBe(true);
  for (const shape of ['entity', 'changes'] as const) expect(createForm({ shape }).readsDocument).toBe(false);
});
