import { sortedOnce } from '../base/sorted-once.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { Shape } from '../protocol/up.ts';
import { changedMembers, documentMembers, headMembers } from './members.ts';

/** `events`: a feed. `view`: the current state, kept up to date. */
export type SelectionMode = 'events' | 'view';

/** The requested parts, as in SubscribeRequest. */
export interface WantedForm {
  readonly mode?: SelectionMode | undefined;
  readonly shape?: Shape | undefined;
  readonly fields?: readonly string[] | undefined;
}

/** Which part of an entity is sent with one kind of event. */
export interface Parts {
  readonly entity: 'none' | 'name' | 'head';
  readonly document: boolean;
  readonly changes: boolean;
}

/** Which parts of events and items a subscription gets. Equal keys mean equal bytes. */
export interface Form {
  readonly key: string;
  readonly mode: SelectionMode;
  readonly enter: Parts;
  readonly update: Parts;
  /** Names of members, sorted; undefined: all. */
  readonly fields: readonly string[] | undefined;
  /** Whether the document contributes to it. */
  readonly readsDocument: boolean;
}

const nothing: Parts = { entity: 'none', document: false, changes: false };
const head: Parts = { ...nothing, entity: 'head' };
const whole: Parts = { ...head, document: true };

const feeds: Readonly<Record<Shape | 'default', Pick<Form, 'enter' | 'update'>>> = {
  default: { enter: whole, update: { ...nothing, entity: 'name', changes: true } },
  document: { enter: whole, update: { ...whole, changes: true } },
  entity: { enter: head, update: head },
  changes: { enter: nothing, update: { ...nothing, changes: true } },
};

/** The members that each shape can have, by name. */
const names: Readonly<Record<Shape | 'default', ReadonlySet<string>>> = {
  // its updates have changes, which do not say the time: a client would keep that of the first event
  default: new Set([...headMembers, ...documentMembers].filter((name) => name !== 'updatedAt')),
  document: new Set([...headMembers, ...documentMembers]),
  entity: new Set(headMembers),
  changes: new Set(changedMembers),
};

function partsOf(mode: SelectionMode, shape: Shape | undefined): Pick<Form, 'enter' | 'update'> {
  if (mode === 'events') return feeds[shape ?? 'default'];
  if (shape === 'changes')
    throw new HubError('invalid-request', 'shape: a view has no changes; use entity or document, or mode events');
  return shape === 'entity' ? { enter: head, update: head } : { enter: whole, update: whole };
}

function fieldsOf(shape: Shape | 'default', fields: readonly string[]): readonly string[] {
  const known = names[shape];
  fields.forEach((field, index) => {
    if (known.has(field)) return;
    const what = shape === 'default' ? 'a subscription without a shape' : `the shape ${shape}`;
    throw new HubError(
      'invalid-request',
      `fields.${index}: ${JSON.stringify(field)} is not a field of ${what}; it has ${[...known].toSorted().join(', ')} (the urn always comes)`,
    );
  });
  return sortedOnce(fields);
}

/** @throws HubError invalid-request naming the invalid combination */
export function createForm({ mode = 'events', shape, fields: wanted }: WantedForm = {}): Form {
  const parts = partsOf(mode, shape);
  const named = shape ?? (mode === 'view' ? 'document' : 'default');
  const fields = wanted === undefined ? undefined : fieldsOf(named, wanted);
  const shown = mode === 'view' || named !== 'default' ? `${mode}.${named}` : '';
  return {
    ...parts,
    key: fields === undefined ? shown : `${shown}:${fields.join(',')}`,
    mode,
    fields,
    readsDocument: parts.enter.document && (fields?.some((field) => documentMembers.has(field)) ?? true),
  };
}

/** The form of a feed without shape and fields. */
export const defaultForm: Form = createForm();
