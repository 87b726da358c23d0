import type { NewerForm } from '../channels/forms/form-of.ts';
import type { Logger } from '../server/observability/logger.ts';
import { exitCode } from './exit-code.ts';
import type { StopRequest } from './until-asked.ts';

/**
 * Resolves when the hub has met something that a newer release has stored. What it cannot read it must neither guess nor
 * pass over, so the process moves its sessions and ends; nodes that are updated continue where it stopped.
 */
export function untilNewer(logger: Logger): {
  readonly newer: Promise<StopRequest>;
  readonly onNewer: (error: NewerForm) => void;
} {
  let resolve: (request: StopRequest) => void = () => undefined;
  const newer = new Promise<StopRequest>((fulfil) => (resolve = fulfil));
  let isTold = false;
  return {
    newer,
    onNewer: (error) => {
      if (isTold) return;
      isTold = true;
      logger.fatal({ error }, 'a newer release writes here; this node drains its sessions and stops');
      resolve({ reason: 'newer form', code: exitCode.failure });
    },
  };
}
