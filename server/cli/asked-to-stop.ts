/**
 * Aborted by the first SIGINT or SIGTERM; the second ends the process at once with `code`. `release` gives the signals
 * back to Node.
 */
export function askedToStop(code: number): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(code);
    controller.abort(name);
  };
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  return { signal: controller.signal, release: () => names.forEach((name) => process.off(name, onSignal)) };
}
