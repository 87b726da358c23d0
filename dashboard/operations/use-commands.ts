import { useState } from 'react';
import { messageOf } from '../session/session.ts';

export interface Commands {
  /** What became of the last one, for people. */
  readonly said: string;
  /** Runs one, which says what became of it; what is shown is asked for again. `before` stands before success and failure. */
  readonly run: (command: () => Promise<string>, before?: string) => Promise<void>;
}

/** What an operator does in a panel. */
export function useCommands(again: () => void): Commands {
  const [said, setSaid] = useState('');
  const run: Commands['run'] = async (command, before = '') => {
    setSaid(before + (await command().catch(messageOf)));
    again();
  };
  return { said, run };
}
