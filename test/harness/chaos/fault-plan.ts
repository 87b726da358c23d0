import { createSeededRandom, type SeededRandom } from '../../../cli/demo/seeded-random.ts';

/** Faults of nodes, of what they stand on, and of the clients' network. */
export type FaultKind =
  | 'node-kill'
  | 'node-freeze'
  | 'node-drain'
  | 'kafka-kill'
  | 'kafka-freeze'
  | 'kafka-pause'
  | 'kafka-cut'
  | 'kafka-cut-mid-frame'
  | 'kafka-refuse'
  | 'mongo-kill'
  | 'mongo-freeze'
  | 'mongo-pause'
  | 'mongo-cut'
  | 'mongo-cut-mid-frame'
  | 'mongo-refuse'
  | 'redis-kill'
  | 'redis-freeze'
  | 'redis-pause'
  | 'redis-cut'
  | 'clients-cut'
  | 'clients-cut-mid-frame'
  | 'clients-pause'
  | 'clients-delay';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** From the beginning of the run. */
  readonly atMs: number;
  readonly durationMs: number;
  /** In [0, 1): which node, broker or connections, as far as there is a choice. */
  readonly choice: number;
}

interface Spread {
  readonly weight: number;
  readonly minMs: number;
  readonly maxMs: number;
}

const heavy: Partial<Record<FaultKind, Spread>> = {
  'node-kill': { weight: 5, minMs: 0, maxMs: 6000 },
  'node-freeze': { weight: 5, minMs: 1000, maxMs: 40_000 },
  'node-drain': { weight: 4, minMs: 0, maxMs: 3000 },
  'kafka-kill': { weight: 2, minMs: 0, maxMs: 8000 },
  'kafka-freeze': { weight: 2, minMs: 500, maxMs: 15_000 },
  'kafka-pause': { weight: 2, minMs: 500, maxMs: 15_000 },
  'kafka-cut': { weight: 2, minMs: 0, maxMs: 0 },
  'kafka-cut-mid-frame': { weight: 2, minMs: 0, maxMs: 0 },
  'kafka-refuse': { weight: 1, minMs: 500, maxMs: 8000 },
  'mongo-kill': { weight: 2, minMs: 0, maxMs: 6000 },
  'mongo-freeze': { weight: 2, minMs: 500, maxMs: 12_000 },
  'mongo-pause': { weight: 1, minMs: 500, maxMs: 12_000 },
  'mongo-cut': { weight: 2, minMs: 0, maxMs: 0 },
  'mongo-cut-mid-frame': { weight: 2, minMs: 0, maxMs: 0 },
  'mongo-refuse': { weight: 1, minMs: 500, maxMs: 6000 },
  'redis-kill': { weight: 1, minMs: 0, maxMs: 6000 },
  'redis-freeze': { weight: 1, minMs: 500, maxMs: 15_000 },
  'redis-pause': { weight: 1, minMs: 500, maxMs: 15_000 },
  'redis-cut': { weight: 1, minMs: 0, maxMs: 0 },
};
const light: Partial<Record<FaultKind, Spread>> = {
  'clients-cut': { weight: 4, minMs: 0, maxMs: 0 },
  'clients-cut-mid-frame': { weight: 4, minMs: 0, maxMs: 0 },
  'clients-pause': { weight: 2, minMs: 500, maxMs: 20_000 },
  'clients-delay': { weight: 1, minMs: 500, maxMs: 5000 },
};

/** Every seed freezes some nodes for long, but most freezes are short: the long ones would leave time for little else. */
function between(random: SeededRandom, { minMs, maxMs }: Spread): number {
  return Math.round(minMs + (maxMs - minMs) * random.next() ** 2);
}

function pick(random: SeededRandom, spreads: Partial<Record<FaultKind, Spread>>): [FaultKind, Spread] {
  const all = Object.entries(spreads) as [FaultKind, Spread][];
  const turns = all.flatMap((entry) => Array.from({ length: entry[1].weight }, () => entry));
  return random.pick(turns) as [FaultKind, Spread];
}

function series(
  random: SeededRandom,
  spreads: Partial<Record<FaultKind, Spread>>,
  { totalMs, meanGapMs }: { readonly totalMs: number; readonly meanGapMs: number },
): PlannedFault[] {
  const faults: PlannedFault[] = [];
  const gapMs = (): number => Math.round(meanGapMs * (0.25 + 1.5 * random.next()));
  for (let atMs = gapMs(); atMs < totalMs; atMs += gapMs()) {
    const [kind, spread] = pick(random, spreads);
    const durationMs = Math.min(between(random, spread), totalMs - atMs);
    faults.push({ kind, atMs, durationMs, choice: random.next() });
  }
  return faults;
}

/** What will go wrong, and when; the same for the same seed and length. Ascending in time; none outlasts the run. */
export function planFaults(seed: number, totalMs: number): readonly PlannedFault[] {
  const random = createSeededRandom(seed);
  return [
    ...series(random, heavy, { totalMs, meanGapMs: 4000 }),
    ...series(random, light, { totalMs, meanGapMs: 1500 }),
  ].toSorted((one, other) => one.atMs - other.atMs);
}
