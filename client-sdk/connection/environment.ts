/** What the library needs from its environment; tests pass their own clock and timers. */
export interface Environment {
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Calls `run` once after `delayMs`; the result cancels it. */
  readonly setTimer: (delayMs: number, run: () => void) => () => void;
  /** False only if the platform reports that there is no network. */
  readonly isOnline: () => boolean;
  /** Calls `run` whenever the network returns or the page becomes visible; the result removes it. */
  readonly onWake: (run: () => void) => () => void;
}

/** Browser or Node as it is. In Node there is no network or visibility signal, so `onWake` never calls. */
export const platformEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (delayMs, run) => {
    const handle = setTimeout(run, delayMs);
    return () => clearTimeout(handle);
  },
  isOnline: () => globalThis.navigator?.onLine !== false,
  onWake: listenForWake,
};

function listenForWake(run: () => void): () => void {
  if (typeof globalThis.addEventListener !== 'function') return () => undefined;
  const whenVisible = (): void => {
    if (document.visibilityState === 'visible') run();
  };
  const page = globalThis.document;
  globalThis.addEventListener('online', run);
  page?.addEventListener('visibilitychange', whenVisible);
  return () => {
    globalThis.removeEventListener('online', run);
    page?.removeEventListener('visibilitychange', whenVisible);
  };
}
