import type { ChaosClient } from './chaos-client.ts';
import type { Evidence } from './evidence.ts';
import { feedFaults } from './feed-faults.ts';
import { essenceOf, versionKey } from './log-truth.ts';
import { viewFaults } from './view-faults.ts';

export interface Verdict {
  readonly events: number;
  readonly deliveries: number;
  /** What was acknowledged or stands in a source's topic and is not in the log as it should, and what a feed lacks without having been told. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Stretches of deliveries that a feed lacks without having been told. */
  readonly undetectedGaps: number;
  /** Events or documents that somebody got who may not see them. */
  readonly forbidden: number;
  readonly wrongContent: number;
  /** Views that at the end hold something else than the query of the documents. */
  readonly wrongViews: number;
  /** By reason. */
  readonly gapsTold: Readonly<Record<string, number>>;
  /** The first faults in words. */
  readonly problems: readonly string[];
}

/** Compares what the log holds with what the sources said. */
function sourceFaults({ log, said }: Evidence): readonly string[] {
  const essences = new Map(said.essences);
  const faults = log.problems.map((problem) => `log: ${problem}`);
  for (const event of log.events) {
    const key = versionKey(event);
    const essence = essences.get(key);
    if (essence !== essenceOf(event)) faults.push(`log: ${key}: ${essenceOf(event)} instead of ${essence}`);
    essences.delete(key);
  }
  return [...faults, ...[...essences.keys()].map((key) => `log: lacks ${key}`)];
}

function gapsTold(clients: readonly ChaosClient[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { feeds } of clients)
    for (const { gaps } of feeds.values()) for (const { reason } of gaps) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Compares exactly what everybody got with what they were entitled to. */
export function judge(evidence: Evidence): Verdict {
  const source = sourceFaults(evidence);
  const feeds = feedFaults(evidence);
  const views = viewFaults(evidence);
  const { counts } = feeds;
  return {
    events: counts.events,
    deliveries: counts.deliveries,
    lost: source.length + counts.missing,
    duplicated: counts.twice,
    reordered: counts.reordered,
    undetectedGaps: feeds.undetectedGaps,
    forbidden: counts.wrongClient + views.forbidden.length,
    wrongContent: counts.wrongContent,
    wrongViews: views.wrong.length,
    gapsTold: gapsTold(evidence.clients),
    problems: [source, feeds.problems, views.wrong, views.forbidden].flatMap((each) => each.slice(0, 20)),
  };
}
