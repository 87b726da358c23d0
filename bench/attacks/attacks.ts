import type { Attack } from './attack.ts';
import { strangers, tinyChunks, zombies } from './connections.ts';
import { floodOfBinary, floodOfLargeTexts, floodOfTinyMessages, floodOfUnknownKeys, steadyNonsense } from './floods.ts';
import { dearQueries, unreadSubscriptions } from './graphql.ts';
import { endlessImports } from './imports.ts';
import { busyTenant, dearSubscriptions } from './own-events.ts';
import { dearSearches, standingSearches } from './searches.ts';
import { sinceStorm, slowReaders, unreadAnswers } from './readers.ts';

/** Each of them is tried by test/hostile, and measured by bench/fairness.ts. */
export const attacks = {
  slowReaders,
  sinceStorm,
  unreadAnswers,
  floodOfUnknownKeys,
  floodOfLargeTexts,
  floodOfBinary,
  floodOfTinyMessages,
  steadyNonsense,
  zombies,
  strangers,
  tinyChunks,
  dearSubscriptions,
  busyTenant,
  standingSearches,
  dearSearches,
  dearQueries,
  unreadSubscriptions,
  endlessImports,
} satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;
