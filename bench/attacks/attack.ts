/** What one tenant can do to a hub with nothing but valid tokens, or without any. Bounded, and over by itself. */
export interface AttackTarget {
  readonly port: number;
  /** Of different principals of one tenant, which may read and send to `connector`. */
  readonly tokens: readonly string[];
  readonly connector: string;
  /** Before everything that is in the log. */
  readonly since: string;
  readonly seconds: number;
}

/** What came of it, by name: a test wants to see that the attack took place, and how it was refused. */
export type AttackReport = Readonly<Record<string, number>>;

/** Resolves when it is over and everything that it opened is closed. */
export type Attack = (target: AttackTarget) => Promise<AttackReport>;

export function tokenOf({ tokens }: AttackTarget, index: number): string {
  const token = tokens[index % tokens.length];
  if (token === undefined) throw new Error('an attack needs a token');
  return token;
}

export function deadlineOf({ seconds }: AttackTarget): number {
  return performance.now() + seconds * 1000;
}

export const isBefore = (deadline: number): boolean => performance.now() < deadline;
