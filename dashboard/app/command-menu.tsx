import type { WireEntity } from '@pursight/client';
import { useSearch } from '@pursight/client/react';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { useSignedIn } from '../session/signed-in.ts';
import { useMe } from '../session/use-me.ts';
import { setPreferences } from '../settings/preferences.ts';
import { Modal } from '../ui/modal.tsx';
import { savedViews } from '../catalog/saved-views.ts';
import { conceptKindNames, conceptKindOf } from '../concepts/concept-kind.ts';
import { screens } from './screens.ts';

interface Command {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly run: () => void;
}

export interface CommandMenuProps {
  readonly close: () => void;
  readonly openSheet: () => void;
}

/** Everything that a key does, under its name, and the assets that match what is typed. */
export function CommandMenu({ close, openSheet }: CommandMenuProps): React.JSX.Element {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const commands = useCommands(text, openSheet);
  const chosen = commands[Math.min(at, commands.length - 1)];
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    close();
    command.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((before) => Math.max(0, Math.min(commands.length - 1, before + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <Modal label="Commands" close={close}>
      <input
        autoFocus
        className="command-field"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${chosen.id}`}
        aria-label="Command or asset"
        placeholder="Command or asset…"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
      />
      <ul role="listbox" id={list} className="command-list" aria-label="Commands">
        {commands.map((command) => (
          <li
            key={command.id}
            id={`${list}-${command.id}`}
            role="option"
            aria-selected={command === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => run(command)}
          >
            <bdi>{command.name}</bdi>
            <span className="hint">{command.hint}</span>
          </li>
        ))}
      </ul>
      {commands.length === 0 ? <p className="hint">Nothing has this name.</p> : null}
    </Modal>
  );
}

function useCommands(text: string, openSheet: () => void): readonly Command[] {
  const { hub, session, who } = useSignedIn();
  const navigate = useNavigate();
  const me = useMe();
  const { hits } = useSearch(hub, text, { limit: 8, highlight: false, strategy: 'last' });
  const open = ({ kind, urn }: WireEntity): void => {
    const concept = conceptKindOf(kind);
    if (concept === undefined) void navigate({ to: '/assets/$urn', params: { urn }, search: {} });
    else void navigate({ to: '/concepts/$kind/$urn', params: { kind: concept.name, urn } });
  };
  const own: readonly Command[] = [
    ...screens
      .filter(({ isFor }) => isFor(me))
      .map(({ to, name, key }) => ({
        id: `go${key}`,
        name: `Go to ${name}`,
        hint: `g ${key}`,
        run: () => void navigate({ to }),
      })),
    ...savedViews.map(({ id, name }) => ({
      id: `view${id}`,
      name,
      hint: 'saved view',
      run: () => void navigate({ to: '/assets', search: { gap: id } }),
    })),
    ...(me.write.has('existence') ? conceptKindNames : []).map((kind) => ({
      id: `new${kind}`,
      name: `New ${kind}`,
      hint: '',
      run: () => void navigate({ to: '/concepts', search: { kind, define: '' } }),
    })),
    { id: 'keys', name: 'Show keys', hint: '?', run: openSheet },
    { id: 'dark', name: 'Dark theme', hint: '', run: () => setPreferences({ theme: 'dark' }) },
    { id: 'light', name: 'Light theme', hint: '', run: () => setPreferences({ theme: 'light' }) },
    ...who.roles
      .filter((role) => role !== who.role)
      .map((role) => ({
        id: `as${role}`,
        name: `Work as ${role}`,
        hint: 'role',
        run: () => void session.switchTo(role),
      })),
    { id: 'out', name: 'Sign out', hint: '', run: () => void session.signOut() },
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const named = own.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  if (words.length === 0) return named;
  const found = hits.map(({ entity }, index) => ({
    id: `hit${index}`,
    name: entity.fqn ?? entity.name,
    hint: entity.type,
    run: () => open(entity),
  }));
  return [...named, ...found];
}
