import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Turns } from '../../channels/ports/turns.ts';

/** For a program that does nothing else: the event loop goes round between two pieces of work. */
export const aloneTurns: Turns = { next: () => nextTurn(), isOver: true, isContended: () => false };
