import { useMemo, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import type { Form } from './form.ts';
import { type Resource, resourceRequests } from './resource.ts';
import { type Conflict, type Edited, type Saved, saveMerged, type SaveOutcome, takeBack } from './save-merged.ts';

export type EditState =
  | { readonly phase: 'idle' }
  | (Edited & {
      readonly phase: 'editing' | 'saving';
      /** What others have made of a field that was changed here, too. */
      readonly conflicts: readonly Conflict[];
      readonly problem: string | undefined;
    });

export interface Edit {
  readonly state: EditState;
  /** What was done last. */
  readonly said: string;
  /** Takes the last change back; undefined where there is none. */
  readonly undo: (() => void) | undefined;
  readonly begin: () => void;
  readonly setText: (field: string, text: string) => void;
  readonly setList: (field: string, ids: readonly string[]) => void;
  readonly save: () => void;
  readonly cancel: () => void;
  /** Takes a change back that is in the past; asks where others have changed the same since. */
  readonly restore: (change: Saved) => void;
  /** Takes back what people say of a field: the word of the source counts again. */
  readonly uncover: (field: string) => void;
}

/**
 * Edits something without losing anybody's words: only what was changed is sent, together with what it was changed from; what
 * others have changed meanwhile is merged field by field, and only a field that both have changed is asked about.
 *
 * @param resource the same object each time
 */
export function useEdit(resource: Resource): Edit {
  const { hub } = useSignedIn();
  const requests = useMemo(() => resourceRequests(hub, resource), [hub, resource]);
  const [state, setState] = useState<EditState>({ phase: 'idle' });
  const [said, setSaid] = useState('');
  const [last, setLast] = useState<Saved>();
  const failed = (error: unknown): void => setSaid(messageOf(error));

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
      (outcome) => setSaid(undone(outcome)),
      (error: unknown) => setSaid(`Not undone: ${messageOf(error)}`),
    );
  };
  const change = (how: (mine: Form) => Form): void =>
    setState((before) => (before.phase === 'editing' ? { ...before, mine: how(before.mine) } : before));
  return {
    state,
    said,
    undo: last === undefined ? undefined : undo,
    begin: () => {
      setSaid('');
      requests.read().then(({ form: base, ...held }) => {
        setState({ ...held, phase: 'editing', base, mine: base, conflicts: [], problem: undefined });
      }, failed);
    },
    setText: (field, text) => change((mine) => ({ ...mine, texts: { ...mine.texts, [field]: text } })),
    setList: (field, ids) => change((mine) => ({ ...mine, lists: { ...mine.lists, [field]: ids } })),
    cancel: () => setState({ phase: 'idle' }),
    restore: (past) => void takeBack(requests, past).then(take, failed),
    uncover: (field) => {
      setLast(undefined);
      hub.patch(resource.path, { [field]: null }).then(() => setSaid('The word of the source counts again.'), failed);
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

function undone(outcome: SaveOutcome): string {
  if (outcome.kind !== 'conflict') return 'Undone.';
  const fields = outcome.conflicts.map(({ field }) => field).join(', ');
  return `Not undone: somebody else has changed ${fields} since.`;
}
