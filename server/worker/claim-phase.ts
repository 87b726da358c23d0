/** Whether this process is the one that writes the journal. */
export type ClaimPhase = { readonly kind: 'waiting' } | { readonly kind: 'holding'; readonly untilMs: number };

/** What became of asking for the claim; `unknown` when the store could not be reached. */
export type ClaimAnswer = 'granted' | 'refused' | 'unknown';

export const waiting: ClaimPhase = { kind: 'waiting' };

/**
 * The phase after an answer. The claim runs from when it was asked for, not from when the answer came; and a store that
 * is away takes it from nobody before its end.
 */
export function phaseAfter(
  phase: ClaimPhase,
  answer: ClaimAnswer,
  times: { readonly askedAtMs: number; readonly nowMs: number; readonly ttlMs: number },
): ClaimPhase {
  if (answer === 'refused') return waiting;
  const untilMs = answer === 'granted' ? times.askedAtMs + times.ttlMs : phase.kind === 'holding' ? phase.untilMs : 0;
  return untilMs > times.nowMs ? { kind: 'holding', untilMs } : waiting;
}
