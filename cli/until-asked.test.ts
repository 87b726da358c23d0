import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../server/observability/logger.ts';
import { exitCode } from './exit-code.ts';
import { untilAsked } from './until-asked.ts';

function world(): {
  events: EventEmitter;
  lines: string[];
  exits: number[];
  asked: ReturnType<typeof untilAsked>;
} {
  const [lines, exits]: [string[], number[]] = [[], []];
  const note = (_details: object, message: string): number => lines.push(message);
  const logger = { fatal: note, error: note } as unknown as Logger;
  const events = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  return { events, lines, exits, asked: untilAsked(events, logger) };
}

describe('a process', () => {
  it('that is asked to stop ends well, and at once when it is asked twice', async () => {
    const { events, exits, asked } = world();
    events.emit('SIGTERM', 'SIGTERM');
    expect(await asked).toEqual({ reason: 'SIGTERM', code: exitCode.ok });
    expect(exits).toEqual([]);
    events.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([exitCode.failure]);
  });

  it('R3: in which something is thrown that nobody catches logs it and drains instead of vanishing', async () => {
    const { events, lines, exits, asked } = world();
    events.emit('uncaughtException', new Error('a bug'));
    events.emit('uncaughtException', new Error('again, while it stops'));
    expect(await asked).toEqual({ reason: 'uncaught exception', code: exitCode.failure });
    expect([lines.length, exits]).toEqual([2, []]);
  });

  it('goes on after a rejection that nobody looked at, and tells', async () => {
    const { events, lines, exits, asked } = world();
    events.emit('unhandledRejection', new Error('a stray'));
    expect([lines.length, exits]).toEqual([1, []]);
    const still = Symbol('still running');
    expect(await Promise.race([asked, Promise.resolve(still)])).toBe(still);
  });
});
