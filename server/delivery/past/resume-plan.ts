import type { Coverage } from '../../../channels/ports/event-journal.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Ring } from '../../../channels/position/ring.ts';
import type { Vector } from '../../../channels/position/vector.ts';
import type { ResumeReason } from '../../../channels/protocol/up.ts';

/** Offsets `from <= offset < to` of one partition. */
export interface Stretch {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Where what lies between a cursor and now can be had from, completely. */
export type ResumePlan =
  | { readonly ok: true; readonly ring: readonly Stretch[]; readonly journal: readonly Stretch[] }
  | { readonly ok: false; readonly reason: ResumeReason };

export interface ResumeQuestion {
  readonly cursor: Cursor;
  /** Where the gateway is. */
  readonly position: Cursor;
  /** From where on the ring has everything. */
  readonly floors: Vector;
  /** Of the journal; asked for only where the ring does not reach back. */
  readonly coverage: () => Promise<readonly Coverage[]>;
}

/** The record that the cursor stood behind is another one: this is not the log that was read. */
export function isOtherLog({ marks }: Cursor, ring: Pick<Ring, 'markBefore'>): boolean {
  return marks.some((mark, partition) => {
    const held = mark === undefined ? undefined : ring.markBefore(partition, mark.offset + 1);
    return mark !== undefined && held?.offset === mark.offset && held.hash !== mark.hash;
  });
}

/** Of the ring. */
const journalShare = 1 / 4;

function missing(stretch: Stretch, coverage: readonly Coverage[]): ResumeReason | undefined {
  const held = coverage.find(({ partition }) => partition === stretch.partition);
  // what the worker has not written yet is not gone
  if (held === undefined || held.high < stretch.to) return 'unavailable';
  return held.low > stretch.from ? 'coverage' : undefined;
}

/** Pure but for the question to the journal. @throws storage-unavailable when that cannot be asked */
export async function planResume(question: ResumeQuestion): Promise<ResumePlan> {
  const { cursor, position, floors } = question;
  if (cursor.epoch !== position.epoch || cursor.vector.length !== position.vector.length)
    return { ok: false, reason: 'epoch' };
  const behind = cursor.vector.map((from, partition) => ({ partition, from, to: position.vector[partition] ?? 0 }));
  if (behind.some(({ from, to }) => from > to)) return { ok: false, reason: 'unavailable' };
  const ring: Stretch[] = [];
  const journal: Stretch[] = [];
  for (const { partition, from, to } of behind) {
    const floor = Math.min(floors[partition] ?? to, to);
    // what the ring is about to drop is better read from the journal too: it may be gone before it is read
    const start = from < floor ? floor + Math.floor((to - floor) * journalShare) : from;
    if (from < start) journal.push({ partition, from, to: start });
    if (start < to) ring.push({ partition, from: start, to });
  }
  if (journal.length > 0) {
    const coverage = await question.coverage();
    const reason = journal.map((stretch) => missing(stretch, coverage)).find((each) => each !== undefined);
    if (reason !== undefined) return { ok: false, reason };
  }
  return { ok: true, ring, journal };
}
