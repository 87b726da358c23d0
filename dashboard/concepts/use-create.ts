import { useRef, useState } from 'react';
import { type Form, patchOf } from '../edit/form.ts';
import type { EditFormProps } from '../edit/edit-form.tsx';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { recordOf, textOf } from '../ui/json.ts';
import type { ConceptKind } from './concept-kind.ts';

function randomKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].join('-');
}

/** Defines a concept with what is in a form. A request that is sent again, as the answer was lost, defines nothing twice. */
export function useCreate(
  kind: ConceptKind,
  { empty, begin, created }: { empty: Form; begin: Form; created: (urn: string) => void },
): Pick<EditFormProps, 'edit' | 'state'> {
  const { hub } = useSignedIn();
  const [mine, setMine] = useState(begin);
  const [phase, setPhase] = useState<'editing' | 'saving'>('editing');
  const [problem, setProblem] = useState<string>();
  const sent = useRef({ text: '', key: '' });
  const save = (): void => {
    setPhase('saving');
    const body = patchOf(empty, mine);
    const text = JSON.stringify(body);
    if (sent.current.text !== text) sent.current = { text, key: randomKey() };
    hub.post(`/v1/${kind.plural}`, body, { idempotencyKey: sent.current.key }).then(
      ({ body }) => created(textOf(recordOf(body[kind.name])['urn'])),
      (error: unknown) => {
        setProblem(messageOf(error));
        setPhase('editing');
      },
    );
  };
  return {
    edit: {
      save,
      setText: (field, text) => setMine((before) => ({ ...before, texts: { ...before.texts, [field]: text } })),
      setList: (field, ids) => setMine((before) => ({ ...before, lists: { ...before.lists, [field]: ids } })),
    },
    state: { phase, base: empty, mine, etag: '', document: {}, conflicts: [], problem },
  };
}
