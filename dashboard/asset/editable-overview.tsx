import type { WireItem } from '@pursight/client';
import { useBlocker } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isTyping } from '../app/keys.ts';
import { EditForm } from '../edit/edit-form.tsx';
import { formOf, sameForm } from '../edit/asset-form.ts';
import { useAssetEdit } from '../edit/use-asset-edit.ts';
import { useMe } from '../session/use-me.ts';
import { preferences } from '../settings/preferences.ts';
import type { AssetDetails } from './asset-document.ts';
import { Overview } from './overview.tsx';

export interface EditableOverviewProps extends WireItem {
  readonly urn: string;
  readonly details: AssetDetails;
}

/** The overview, and in its place the form while somebody edits. */
export function EditableOverview({ urn, entity, document, details }: EditableOverviewProps): React.JSX.Element {
  const edit = useAssetEdit(urn);
  const { write } = useMe();
  const mayEdit = write.size > 0;
  const { state, begin, undo } = edit;
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
  const isUnsaved = state.phase !== 'idle' && !sameForm(state.base, state.mine);
  useBlocker({
    shouldBlockFn: () => !confirm('Leave without saving? What you have changed here is lost.'),
    disabled: !isUnsaved,
    enableBeforeUnload: isUnsaved,
  });
  if (state.phase !== 'idle')
    return (
      <EditForm
        edit={edit}
        state={state}
        live={formOf({ ...document, domain: entity.domain, status: entity.status })}
        fields={write}
      />
    );
  return (
    <>
      <div className="edit-bar">
        {mayEdit ? (
          <button type="button" onClick={begin} aria-keyshortcuts="e">
            Edit <kbd>e</kbd>
          </button>
        ) : null}
        <span role="status">{edit.said}</span>
        {undo === undefined ? null : (
          <button type="button" onClick={undo} aria-keyshortcuts="z">
            Undo <kbd>z</kbd>
          </button>
        )}
      </div>
      <Overview entity={entity} details={details} uncover={mayEdit ? edit.uncover : undefined} />
    </>
  );
}
