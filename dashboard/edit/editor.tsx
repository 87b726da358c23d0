import { useBlocker } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { isTyping } from '../app/keys.ts';
import { preferences } from '../settings/preferences.ts';
import { EditForm } from './edit-form.tsx';
import type { FormField } from './form-field.ts';
import { type Form, sameForm } from './form.ts';
import type { Resource } from './resource.ts';
import { type Edit, useEdit } from './use-edit.ts';

export interface EditorProps {
  /** The same object each time. */
  readonly resource: Resource;
  /** Those that may be written; nobody edits where there are none. */
  readonly fields: readonly FormField[];
  /** What it says now. */
  readonly live: Form;
  /** Begins at once. @default false */
  readonly isBegun?: boolean;
  /** Told whether there is something that is not saved; the same function each time. */
  readonly setUnsaved?: (isUnsaved: boolean) => void;
  /** Stands beside what edits. */
  readonly actions?: ReactNode;
  /** Shown while nobody edits; without an edit for who may not. */
  readonly children: (edit: Edit | undefined) => ReactNode;
}

/** Whether somebody wants to lose what is not saved. */
export function mayLose(): boolean {
  return confirm('Leave without saving? What you have changed here is lost.');
}

/** What is shown, and in its place the form while somebody edits; nothing that was typed is lost without a question. */
export function Editor(props: EditorProps): React.JSX.Element {
  const { resource, fields, live, isBegun = false, setUnsaved, actions, children } = props;
  const edit = useEdit(resource);
  const { state, begin, undo } = edit;
  const mayEdit = fields.length > 0;
  useEditKeys(edit, mayEdit);
  useEffect(() => {
    if (isBegun) begin();
    // once, whatever else changes
  }, []);
  const isUnsaved = state.phase !== 'idle' && !sameForm(state.base, state.mine);
  useBlocker({ shouldBlockFn: () => !mayLose(), disabled: !isUnsaved, enableBeforeUnload: isUnsaved });
  useEffect(() => setUnsaved?.(isUnsaved), [isUnsaved, setUnsaved]);
  if (state.phase !== 'idle') {
    const cancel = (): void => {
      if (!isUnsaved || mayLose()) edit.cancel();
    };
    return <EditForm {...{ edit, state, live, fields, cancel }} />;
  }
  return (
    <>
      <div className="edit-bar">
        {mayEdit ? (
          <button type="button" onClick={begin} aria-keyshortcuts="e">
            Edit <kbd>e</kbd>
          </button>
        ) : null}
        {actions}
        <span role="status">{edit.said}</span>
        {undo === undefined ? null : (
          <button type="button" onClick={undo} aria-keyshortcuts="z">
            Undo <kbd>z</kbd>
          </button>
        )}
      </div>
      {children(mayEdit ? edit : undefined)}
    </>
  );
}

/** `e` edits, `z` takes back. */
function useEditKeys({ state, begin, undo }: Edit, mayEdit: boolean): void {
  useEffect(() => {
    const onKey = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      if (ctrlKey || metaKey || altKey || isTyping(target) || !preferences().letterKeys) return;
      if (key === 'e' && mayEdit && state.phase === 'idle') {
        // the key itself is no text of the form
        setTimeout(begin, 0);
      } else if (key === 'z') undo?.();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
