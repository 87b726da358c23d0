import { type FormEvent, useMemo, useState } from 'react';
import { columnFields, columnForm, columnResource } from '../edit/asset-resource.ts';
import { Editor, mayLose } from '../edit/editor.tsx';
import { writable } from '../edit/form-field.ts';
import { useMe } from '../session/use-me.ts';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { Modal } from '../ui/modal.tsx';
import type { Json } from '../ui/json.ts';
import type { AssetColumn, AssetTag } from './asset-document.ts';

export interface ColumnDialogProps {
  readonly urn: string;
  /** As it is now; it may change while the dialog is open. */
  readonly column: AssetColumn;
  readonly close: () => void;
}

/** One column: its description, edited like everything else, and its classifications, each changed for itself. */
export function ColumnDialog({ urn, column, close }: ColumnDialogProps): React.JSX.Element {
  const { hub } = useSignedIn();
  const { write } = useMe();
  const [said, setSaid] = useState('');
  const [isUnsaved, setUnsaved] = useState(false);
  const resource = useMemo(() => columnResource(urn, column.key), [urn, column.key]);
  const leave = (): void => {
    if (!isUnsaved || mayLose()) close();
  };
  const say = (tag: string, state: Json, done: string): void =>
    void hub.patch(resource.path, { columns: { [column.key]: { classifications: { [tag]: state } } } }).then(
      () => setSaid(done),
      (error: unknown) => setSaid(messageOf(error)),
    );
  return (
    <Modal label={`Column ${column.name}`} close={leave}>
      <h2>
        <bdi>{column.name}</bdi> <span className="hint">{column.type}</span>
      </h2>
      <Editor
        resource={resource}
        fields={writable(columnFields, write)}
        live={columnForm({ description: column.description })}
        isBegun={write.has('description')}
        setUnsaved={setUnsaved}
      >
        {() => <p className="prose">{column.description}</p>}
      </Editor>
      <ul className="column-tags" aria-label="Classifications">
        {column.tags.map((each) => (
          <Tag
            key={`${each.tag} ${each.state} ${each.origin}`}
            tag={each}
            mayWrite={write.has('classifications')}
            say={say}
          />
        ))}
      </ul>
      {write.has('classifications') ? <NewTag add={(tag) => say(tag, {}, `${tag} added.`)} /> : null}
      <p role="status">{said}</p>
      <button type="button" onClick={leave}>
        Close
      </button>
    </Modal>
  );
}

interface TagProps {
  readonly tag: AssetTag;
  readonly mayWrite: boolean;
  readonly say: (tag: string, state: Json, done: string) => void;
}

function Tag({ tag: { tag, state, origin, isOfPeople }, mayWrite, say }: TagProps): React.JSX.Element {
  return (
    <li>
      <bdi>{tag}</bdi> <span className="hint">{[state, origin].join(', ')}</span>
      {mayWrite && state === 'suggested' ? (
        <span className="actions">
          <button type="button" onClick={() => say(tag, { state: 'confirmed' }, `${tag} approved.`)}>
            Approve
          </button>
          <button type="button" onClick={() => say(tag, { state: 'rejected' }, `${tag} rejected.`)}>
            Reject
          </button>
        </span>
      ) : null}
      {mayWrite && isOfPeople ? (
        <button type="button" onClick={() => say(tag, null, `What you said of ${tag} is taken back.`)}>
          Take back
        </button>
      ) : null}
    </li>
  );
}

function NewTag({ add }: { readonly add: (tag: string) => void }): React.JSX.Element {
  const [tag, setTag] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add(tag.trim());
    setTag('');
  };
  return (
    <form className="new-tag" onSubmit={submit}>
      <input
        aria-label="Classification"
        placeholder="scheme/name"
        spellCheck={false}
        autoComplete="off"
        value={tag}
        onChange={(event) => setTag(event.target.value)}
      />
      <button type="submit" disabled={!/^[^/\s]+\/\S+$/.test(tag.trim())}>
        Add
      </button>
    </form>
  );
}
