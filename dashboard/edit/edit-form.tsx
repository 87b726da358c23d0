import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { FormField } from './form-field.ts';
import { type Form, listIn } from './form.ts';
import type { Edit, EditState } from './use-edit.ts';

export interface EditFormProps {
  readonly edit: Pick<Edit, 'setText' | 'setList' | 'save'>;
  readonly state: Extract<EditState, { base: Form }>;
  /** What it says now. It never changes what somebody is typing. */
  readonly live: Form;
  readonly fields: readonly FormField[];
  /** Leaves the form; asks where something would be lost. */
  readonly cancel: () => void;
}

/** The fields that people may say, each with what others have made of it meanwhile. */
export function EditForm({ edit, state, live, fields, cancel }: EditFormProps): React.JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('textarea, input, select')?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    edit.save();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) edit.save();
    else if (event.key === 'Escape') {
      // a dialog around the form stays open
      event.preventDefault();
      cancel();
    }
  };
  return (
    <form ref={form} className="edit-form" onSubmit={submit} onKeyDown={onKey} aria-label="Edit">
      {state.problem === undefined ? null : <p role="alert">{state.problem}</p>}
      {fields.map((field) => (
        <Field key={field.field} {...{ field, edit, state, live }} />
      ))}
      <div className="actions">
        <button
          type="submit"
          disabled={state.phase === 'saving'}
          aria-keyshortcuts="Control+Enter"
          // a field that takes what is in it when it is left would move the button away before it is clicked
          onMouseDown={(event) => event.preventDefault()}
          onClick={leaveField}
        >
          {state.phase === 'saving' ? 'Saving…' : 'Save'}
        </button>
        <button type="button" onClick={cancel} aria-keyshortcuts="Escape">
          Cancel
        </button>
      </div>
    </form>
  );
}

/** What is in the field that has the focus is meant, too. */
function leaveField(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement) flushSync(() => activeElement.blur());
}

type FieldProps = Pick<EditFormProps, 'edit' | 'state' | 'live'> & { readonly field: FormField };

function Field(props: FieldProps): React.JSX.Element {
  return props.field.as === 'list' ? <ListField {...props} /> : <TextField {...props} />;
}

/** What others have said of a field since the edit began. */
function Meanwhile({ field: { field }, state, live, edit }: FieldProps): React.JSX.Element | null {
  const conflict = state.conflicts.find((each) => each.field === field);
  if (conflict !== undefined && state.mine.texts[field] !== conflict.theirs)
    return (
      <p className="conflict" role="alert">
        Somebody else has changed this to “<bdi>{conflict.theirs}</bdi>”. Save to keep yours, or{' '}
        <button type="button" onClick={() => edit.setText(field, conflict.theirs)}>
          take theirs
        </button>
      </p>
    );
  const now = live.texts[field] ?? '';
  return now === (state.base.texts[field] ?? '') ? null : (
    <p className="hint">
      Changed meanwhile to “<bdi>{now}</bdi>”.
    </p>
  );
}

function TextField(props: FieldProps): React.JSX.Element {
  const { field, state, edit } = props;
  const id = useId();
  const common = {
    ...{ id, value: state.mine.texts[field.field] ?? '', spellCheck: false, autoComplete: 'off' },
    onChange: ({ target }: { readonly target: { readonly value: string } }) => edit.setText(field.field, target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{field.title}</label>
      {field.as === 'text' ? <textarea {...common} rows={5} /> : null}
      {field.as === 'line' ? <input {...common} /> : null}
      {field.as === 'choice' ? (
        <select {...common}>
          {(field.choices ?? []).map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : null}
      <Meanwhile {...props} />
    </div>
  );
}

function ListField({ field: { field, title }, state, edit }: FieldProps): React.JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const members = listIn(state.mine, field);
  const add = (): void => {
    const id_ = text.trim();
    if (id_ !== '' && !members.includes(id_)) edit.setList(field, [...members, id_]);
    setText('');
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    // what is in the field is meant, too, when it is saved from here
    flushSync(add);
    if (!event.ctrlKey && !event.metaKey) return;
    event.stopPropagation();
    event.currentTarget.form?.requestSubmit();
  };
  return (
    <div className="field">
      <label htmlFor={id}>{title}</label>
      <ul className="chips">
        {members.map((member) => (
          <li key={member} className="chip">
            <bdi>{member}</bdi>
            <button
              type="button"
              aria-label={`Remove ${member}`}
              onClick={() =>
                edit.setList(
                  field,
                  members.filter((each) => each !== member),
                )
              }
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <input
        id={id}
        value={text}
        placeholder="Add with Enter"
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
        onBlur={add}
      />
    </div>
  );
}
