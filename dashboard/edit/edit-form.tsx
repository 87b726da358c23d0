import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { AssetForm, FormField } from './asset-form.ts';
import type { AssetEdit, EditState } from './use-asset-edit.ts';

const titles = {
  description: 'Description',
  domain: 'Domain',
  status: 'Status',
  owners: 'Owners',
  terms: 'Terms',
} as const satisfies Record<FormField, string>;

export interface EditFormProps {
  readonly edit: AssetEdit;
  readonly state: Extract<EditState, { base: AssetForm }>;
  /** What the asset says now. It never changes what somebody is typing. */
  readonly live: AssetForm;
  /** Fields that may be written. */
  readonly fields: ReadonlySet<string>;
}

/** The fields of an asset that people may say, each with what others have made of it meanwhile. */
export function EditForm({ edit, state, live, fields }: EditFormProps): React.JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('textarea, input, select')?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    edit.save();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) edit.save();
    else if (event.key === 'Escape') edit.cancel();
  };
  return (
    <form ref={form} className="edit-form" onSubmit={submit} onKeyDown={onKey} aria-label="Edit">
      {state.problem === undefined ? null : <p role="alert">{state.problem}</p>}
      {fields.has('description') ? <TextField field="description" {...{ edit, state, live }} /> : null}
      {fields.has('domain') ? <TextField field="domain" {...{ edit, state, live }} /> : null}
      {fields.has('status') ? <StatusField {...{ edit, state, live }} /> : null}
      {fields.has('owners') ? <ListField field="owners" {...{ edit, state, live }} /> : null}
      {fields.has('terms') ? <ListField field="terms" {...{ edit, state, live }} /> : null}
      <div className="actions">
        <button type="submit" disabled={state.phase === 'saving'} aria-keyshortcuts="Control+Enter">
          {state.phase === 'saving' ? 'Saving…' : 'Save'}
        </button>
        <button type="button" onClick={edit.cancel} aria-keyshortcuts="Escape">
          Cancel
        </button>
      </div>
    </form>
  );
}

type FieldProps<Field extends FormField> = Pick<EditFormProps, 'edit' | 'state' | 'live'> & { readonly field: Field };

/** What others have said of a field since the edit began. */
function Meanwhile({ field, state, live, edit }: FieldProps<FormField>): React.JSX.Element | null {
  const conflict = state.conflicts.find((each) => each.field === field);
  if (conflict !== undefined && String(state.mine[field]) !== conflict.theirs)
    return (
      <p className="conflict" role="alert">
        Somebody else has changed this to “<bdi>{conflict.theirs}</bdi>”. Save to keep yours, or{' '}
        <button type="button" onClick={() => edit.change({ [field]: conflict.theirs })}>
          take theirs
        </button>
      </p>
    );
  const now = String(live[field]);
  return now === String(state.base[field]) ? null : (
    <p className="hint">
      Changed meanwhile to “<bdi>{now}</bdi>”.
    </p>
  );
}

function TextField(props: FieldProps<'description' | 'domain'>): React.JSX.Element {
  const { field, state, edit } = props;
  const id = useId();
  const common = { id, value: state.mine[field], spellCheck: false, autoComplete: 'off' };
  return (
    <div className="field">
      <label htmlFor={id}>{titles[field]}</label>
      {field === 'description' ? (
        <textarea {...common} rows={5} onChange={(event) => edit.change({ [field]: event.target.value })} />
      ) : (
        <input {...common} onChange={(event) => edit.change({ [field]: event.target.value })} />
      )}
      <Meanwhile {...props} />
    </div>
  );
}

function StatusField(props: Omit<FieldProps<'status'>, 'field'>): React.JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{titles.status}</label>
      <select
        id={id}
        value={props.state.mine.status}
        onChange={(event) => props.edit.change({ status: event.target.value })}
      >
        <option>active</option>
        <option>deprecated</option>
      </select>
      <Meanwhile field="status" {...props} />
    </div>
  );
}

function ListField({ field, state, edit }: FieldProps<'owners' | 'terms'>): React.JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const members = state.mine[field];
  const add = (): void => {
    const id_ = text.trim();
    if (id_ !== '' && !members.includes(id_)) edit.change({ [field]: [...members, id_] });
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
      <label htmlFor={id}>{titles[field]}</label>
      <ul className="chips">
        {members.map((member) => (
          <li key={member} className="chip">
            <bdi>{member}</bdi>
            <button
              type="button"
              aria-label={`Remove ${member}`}
              onClick={() => edit.change({ [field]: members.filter((each) => each !== member) })}
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
