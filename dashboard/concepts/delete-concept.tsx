import { HubClientError } from '@pursight/client';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { Modal } from '../ui/modal.tsx';
import type { ConceptKind } from './concept-kind.ts';
import { conceptPath } from './concept-resource.ts';

export interface DeleteConceptProps {
  readonly kind: ConceptKind;
  readonly urn: string;
  readonly name: string;
  readonly close: () => void;
}

/** Asks, and deletes what was there when it asked: not what somebody has made of it meanwhile. */
export function DeleteConcept({ kind, urn, name, close }: DeleteConceptProps): React.JSX.Element {
  const { hub } = useSignedIn();
  const navigate = useNavigate();
  const path = conceptPath(kind, urn);
  const [etag, setEtag] = useState<string>();
  const [problem, setProblem] = useState('');
  const look = useCallback(
    () =>
      hub.get(path).then(
        ({ etag: now }) => setEtag(now),
        (error: unknown) => setProblem(messageOf(error)),
      ),
    [hub, path],
  );
  useEffect(() => void look(), [look]);
  const remove = async (): Promise<void> => {
    try {
      await hub.delete(path, { ifMatch: etag ?? '' });
      await navigate({ to: '/concepts', search: kind.name === 'term' ? {} : { kind: kind.name } });
    } catch (error) {
      const isChanged = error instanceof HubClientError && error.code === 'precondition-failed';
      setProblem(isChanged ? 'Somebody has changed it meanwhile. Delete it as it is now?' : messageOf(error));
      if (isChanged) await look();
    }
  };
  return (
    <Modal label={`Delete ${name}`} close={close}>
      <h2>
        Delete the {kind.name} “<bdi>{name}</bdi>”?
      </h2>
      <p>What names it goes on naming it. This cannot be undone.</p>
      {problem === '' ? null : <p role="alert">{problem}</p>}
      <div className="actions">
        <button type="button" disabled={etag === undefined} onClick={() => void remove()}>
          Delete
        </button>
        <button type="button" autoFocus onClick={close}>
          Cancel
        </button>
      </div>
    </Modal>
  );
}
