import { asError } from '../../channels/base/thrown.ts';

/** A loop that runs until it is stopped. */
export interface Loop {
  /** No further round begins. Resolves when the one in progress has ended; never rejects. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** The first round begins now instead of after the first interval. @default false */
  readonly atOnce?: boolean;
  /** Gets what a round throws. The next round comes all the same. @default a warning of the process */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Does `work` every `ms`. The one way to do something repeatedly in a process: a round that throws or rejects ends
 * neither the loop nor the process, a round that takes longer than `ms` is not joined by another (its interval is
 * skipped), and the timer keeps no process alive.
 */
export function every(
  ms: number,
  work: () => unknown,
  { atOnce = false, onFault = (error) => process.emitWarning(asError(error)) }: LoopOptions = {},
): Loop {
  let round: Promise<void> | undefined;
  const begin = (): void => {
    if (round !== undefined) return;
    try {
      const result = work();
      // work that is done already must not cost the next interval
      if (result instanceof Promise) round = result.then(undefined, onFault).finally(() => (round = undefined));
    } catch (error) {
      onFault(error);
    }
  };
  const timer = setInterval(begin, ms).unref();
  if (atOnce) begin();
  return {
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}
