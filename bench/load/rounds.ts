/** The middle one; of an even number the lower of the two. NaN for none. */
export function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)] ?? Number.NaN;
}

/** The median of each figure on its own: a stall of the machine in one round does not decide. */
export function mediansOf<Figures extends object>(runs: readonly Figures[]): Figures {
  const keys = Object.keys(runs[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(keys.map((key) => [key, medianOf(runs.map((run) => Number(run[key])))])) as Figures;
}

/** The median of the ratios of the rounds, to three places. */
export function medianRatio<Round>(rounds: readonly Round[], ratio: (round: Round) => number): number {
  return Number(medianOf(rounds.map((round) => ratio(round))).toFixed(3));
}
