export interface AskedToStop {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  readonly release: () => void;
}

/**
 * Aborted by the first SIGINT or SIGTERM, or after `afterMs`; a second signal ends the process at once with `code`.
 * Not composed of AbortSignal.any and AbortSignal.timeout: on Node 20 the garbage collector may take such a signal away
 * while somebody still waits for it.
 */
export function askedToStop(code: number, afterMs?: number): AskedToStop {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(code);
    controller.abort();
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  const timer = afterMs === undefined ? undefined : setTimeout(() => controller.abort(), afterMs);
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      for (const name of names) process.off(name, onSignal);
    },
  };
}
