/*
 * Where in a document a word is, as one bit: its level, and the requirement that a reader must meet to see it. The bits of
 * all places are one number, so that an index keeps them beside the document, and a search reads only what its class may.
 */

/** 0 the name; 1 other names; 2 columns, terms and tags; 3 running text. The lower, the more a match says. */
export type AttributeLevel = 0 | 1 | 2 | 3;

/**
 * Which rules a reader must be exempt from, as a number that the index gives each set of rules. 0 is the empty set: whoever
 * may read the document reads it. The last stands for all sets that have no number of their own.
 */
export type Requirement = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Met by everybody. The only one in use: no policy hides part of a document yet. */
export const openRequirement: Requirement = 0;

/** Levels 1 to 3. The name has a bit of its own, because it is never hidden from who may read the document. */
const levelsApart = 3;

export function attributeBit(level: AttributeLevel, requirement: Requirement): number {
  return level === 0 ? 1 : 1 << (levelsApart * requirement + level);
}

/** All places that a class with these requirements reads. */
export function readableBits(requirements: readonly Requirement[]): number {
  return requirements.reduce<number>((bits, each) => bits | (0b1110 << (levelsApart * each)), 1);
}

const ofLevel = [1, 2, 3].map((level) =>
  Array.from({ length: 9 }, (_, requirement) => 1 << (levelsApart * requirement + level)).reduce((a, b) => a | b),
);

/** The lowest level among the bits, of which there is at least one. */
export function lowestLevel(bits: number): AttributeLevel {
  if ((bits & 1) !== 0) return 0;
  if ((bits & (ofLevel[0] ?? 0)) !== 0) return 1;
  return (bits & (ofLevel[1] ?? 0)) === 0 ? 3 : 2;
}
