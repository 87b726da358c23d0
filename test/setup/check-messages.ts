// Run before each file, in a process that several files share, too: there a hook of a module that is loaded once would be
// that of the first file alone.
import { afterEach, expect } from 'vitest';
import { messageFaults } from '../harness/message-faults.ts';

afterEach(() => expect(messageFaults.splice(0)).toEqual([]));
