import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { EditForm } from '../edit/edit-form.tsx';
import { mayLose } from '../edit/editor.tsx';
import type { FormField } from '../edit/form-field.ts';
import { sameForm } from '../edit/form.ts';
import type { ConceptKind } from './concept-kind.ts';
import { conceptForm } from './concept-resource.ts';
import { useCreate } from './use-create.ts';

export interface NewConceptProps {
  readonly kind: ConceptKind;
  /** By which assets name it already. */
  readonly id: string;
  readonly close: () => void;
}

const idField: FormField = { field: 'id', title: 'Id, by which assets name it', as: 'line', right: 'existence' };

/** The form of one that is not there yet. */
export function NewConcept({ kind, id, close }: NewConceptProps): React.JSX.Element {
  const navigate = useNavigate();
  const isCreated = useRef(false);
  const [empty, begin, fields] = useMemo(() => {
    const status = kind.fields.find(({ field }) => field === 'status')?.choices?.[0] ?? '';
    const none = conceptForm(kind, { status });
    const form = { ...none, texts: { ...none.texts, id: '' } };
    const [name, ...others] = kind.fields;
    const all = name === undefined ? [] : [name, idField, ...others];
    return [form, { ...form, texts: { ...form.texts, id, name: id } }, all] as const;
  }, [kind, id]);
  const created = (urn: string): void => {
    isCreated.current = true;
    void navigate({ to: '/concepts/$kind/$urn', params: { kind: kind.name, urn }, replace: true });
  };
  const { edit, state } = useCreate(kind, { empty, begin, created });
  const isUnsaved = !sameForm(begin, state.mine);
  useBlocker({
    shouldBlockFn: () => !isCreated.current && !mayLose(),
    disabled: !isUnsaved,
    enableBeforeUnload: isUnsaved,
  });
  return <EditForm {...{ edit, state, live: empty, fields, cancel: close }} />;
}
