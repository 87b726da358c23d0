import { useMemo, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import type { AssetForm } from './asset-form.ts';
import {
  assetPath,
  assetRequests,
  type Conflict,
  type Edited,
  type Saved,
  saveMerged,
  type SaveOutcome,
  takeBack,
} from './save-merged.ts';

export type EditState =
  | { readonly phase: 'idle' }
  | (Edited & {
      readonly phase: 'editing' | 'saving';
      /** What others have made of a field that was changed here, too. */
      readonly conflicts: readonly Conflict[];
      readonly problem: string | undefined;
    });

export interface AssetEdit {
  readonly state: EditState;
  /** What was done last. */
  readonly said: string;
  /** Takes the last change back; undefined where there is none. */
  readonly undo: (() => void) | undefined;
  readonly begin: () => void;
  readonly change: (change: Partial<AssetForm>) => void;
  readonly save: () => void;
  readonly cancel: () => void;
  /** Takes back what people say of a field: the word of the source counts again. */
  readonly uncover: (field: string) => void;
}

/**
 * Edits an asset without losing anybody's words: only what was changed is sent, together with what it was changed from; what
 * others have changed meanwhile is merged field by field, and only a field that both have changed is asked about.
 */
export function useAssetEdit(urn: string): AssetEdit {
  const { hub } = useSignedIn();
  const requests = useMemo(() => assetRequests(hub, urn), [hub, urn]);
  const [state, setState] = useState<EditState>({ phase: 'idle' });
  const [said, setSaid] = useState('');
  const [last, setLast] = useState<Saved>();

  const take = (outcome: SaveOutcome): void => {
    if (outcome.kind === 'conflict') return setState({ ...outcome, phase: 'editing', problem: undefined });
    setState({ phase: 'idle' });
    // also when the answer to a save was lost, and it is sent again
    if (outcome.kind === 'unchanged') return setSaid('Nothing is left to save.');
    setSaid('Saved.');
    setLast(outcome);
  };
  const undo = (): void => {
    if (last === undefined) return;
    setLast(undefined);
    takeBack(requests, last).then(
      () => setSaid('Undone.'),
      (error: unknown) => setSaid(`Not undone: ${messageOf(error)}`),
    );
  };
  return {
    state,
    said,
    undo: last === undefined ? undefined : undo,
    begin: () => {
      setSaid('');
      requests.read().then(
        ({ form: base, etag, asset }) =>
          setState({ phase: 'editing', base, mine: base, etag, asset, conflicts: [], problem: undefined }),
        (error: unknown) => setSaid(messageOf(error)),
      );
    },
    change: (change) =>
      setState((before) => (before.phase === 'editing' ? { ...before, mine: { ...before.mine, ...change } } : before)),
    cancel: () => setState({ phase: 'idle' }),
    uncover: (field) => {
      setLast(undefined);
      hub.patch(assetPath(urn), { [field]: null }).then(
        () => setSaid('The word of the source counts again.'),
        (error: unknown) => setSaid(messageOf(error)),
      );
    },
    save: () => {
      if (state.phase !== 'editing') return;
      setState({ ...state, phase: 'saving' });
      saveMerged(requests, state).then(take, (error: unknown) =>
        setState({ ...state, phase: 'editing', problem: messageOf(error) }),
      );
    },
  };
}
