import type { Logger } from '../server/observability/logger.ts';
import { exitCode } from './exit-code.ts';

/** Why the process stops, and with which code it is to end. */
export interface StopRequest {
  readonly reason: string;
  readonly code: number;
}

/** The events of a process that end it, or are its last resort. */
export interface ProcessEvents {
  on(event: 'SIGTERM' | 'SIGINT', listener: (signal: string) => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (thrown: unknown) => void): unknown;
  exit(code: number): void;
}

/**
 * Resolves when the process is to stop: it is asked to, or something was thrown that nobody caught. What state that has
 * left behind is not known, so such a process must not continue; but its sessions are moved to other nodes as in a planned
 * restart. A second signal ends it at once. A promise that was rejected unseen leaves nothing half done in the loop
 * below, and is only told.
 */
export function untilAsked(events: ProcessEvents, logger: Logger): Promise<StopRequest> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: string): void => {
      if (asked) events.exit(exitCode.failure);
      asked = true;
      resolve({ reason: signal, code: exitCode.ok });
    };
    events.on('SIGTERM', onSignal);
    events.on('SIGINT', onSignal);
    events.on('uncaughtException', (error) => {
      logger.fatal({ error }, 'uncaught exception; this node drains its sessions and stops');
      resolve({ reason: 'uncaught exception', code: exitCode.failure });
    });
    events.on('unhandledRejection', (error) => logger.error({ error }, 'unhandled promise rejection'));
  });
}
