/** Whether this process has a lease. */
export type LeasePhase = { readonly kind: 'waiting' } | { readonly kind: 'holding'; readonly untilMs: number };

/** What became of asking for the lease; `unknown` when the store could not be reached. */
export type LeaseAnswer = 'granted' | 'refused' | 'unknown';

export const waiting: LeasePhase = { kind: 'waiting' };

/**
 * The phase after an answer. A lease runs from when it was asked for, not from when the answer came; and a store that
 * is away takes it from nobody before its end.
 */
export function phaseAfter(
  phase: LeasePhase,
  answer: LeaseAnswer,
  times: { readonly askedAtMs: number; readonly nowMs: number; readonly ttlMs: number },
): LeasePhase {
  if (answer === 'refused') return waiting;
  const untilMs = answer === 'granted' ? times.askedAtMs + times.ttlMs : phase.kind === 'holding' ? phase.untilMs : 0;
  return untilMs > times.nowMs ? { kind: 'holding', untilMs } : waiting;
}
