import { type FormEvent, useState } from 'react';
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

type ColumnPatch = { readonly [member: string]: Json };

/** One column: its description and its classifications, each changed for itself, so that nobody's change touches another's. */
export function ColumnDialog({ urn, column, close }: ColumnDialogProps): React.JSX.Element {
  const { hub } = useSignedIn();
  const { write } = useMe();
  const [said, setSaid] = useState('');
  const patch = async (change: ColumnPatch, done: string): Promise<boolean> => {
    try {
      await hub.patch(`/v1/assets/${encodeURIComponent(urn)}`, { columns: { [column.key]: change } });
      setSaid(done);
      return true;
    } catch (error) {
      setSaid(messageOf(error));
      return false;
    }
  };
  const say = (tag: string, state: Json, done: string): Promise<boolean> =>
    patch({ classifications: { [tag]: state } }, done);
  return (
    <Modal label={`Column ${column.name}`} close={close}>
      <h2>
        <bdi>{column.name}</bdi> <span className="hint">{column.type}</span>
      </h2>
      {write.has('description') ? (
        <Description column={column} save={(description) => patch({ description }, 'Saved.')} />
      ) : (
        <p className="prose">{column.description}</p>
      )}
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
      {write.has('classifications') ? <NewTag add={(tag) => void say(tag, {}, `${tag} added.`)} /> : null}
      <p role="status">{said}</p>
      <button type="button" onClick={close}>
        Close
      </button>
    </Modal>
  );
}

interface TagProps {
  readonly tag: AssetTag;
  readonly mayWrite: boolean;
  readonly say: (tag: string, state: Json, done: string) => Promise<boolean>;
}

function Tag({ tag: { tag, state, origin, isOfPeople }, mayWrite, say }: TagProps): React.JSX.Element {
  return (
    <li>
      <bdi>{tag}</bdi> <span className="hint">{[state, origin].join(', ')}</span>
      {mayWrite && state === 'suggested' ? (
        <span className="actions">
          <button type="button" onClick={() => void say(tag, { state: 'confirmed' }, `${tag} approved.`)}>
            Approve
          </button>
          <button type="button" onClick={() => void say(tag, { state: 'rejected' }, `${tag} rejected.`)}>
            Reject
          </button>
        </span>
      ) : null}
      {mayWrite && isOfPeople ? (
        <button type="button" onClick={() => void say(tag, null, `What you said of ${tag} is taken back.`)}>
          Take back
        </button>
      ) : null}
    </li>
  );
}

interface DescriptionProps {
  readonly column: AssetColumn;
  /** Whether it was saved. */
  readonly save: (description: string) => Promise<boolean>;
}

function Description({ column, save }: DescriptionProps): React.JSX.Element {
  const [base, setBase] = useState(column.description);
  const [mine, setMine] = useState(column.description);
  const isBehind = column.description !== base && column.description !== mine;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save(mine).then((isSaved) => isSaved && setBase(mine));
  };
  return (
    <form className="field" onSubmit={submit}>
      <label htmlFor="column-description">Description</label>
      <textarea
        id="column-description"
        rows={3}
        spellCheck={false}
        value={mine}
        onChange={(event) => setMine(event.target.value)}
      />
      {isBehind ? (
        <p className="hint">
          Changed meanwhile to “<bdi>{column.description}</bdi>”.
        </p>
      ) : null}
      <button type="submit" disabled={mine === base}>
        Save description
      </button>
    </form>
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
