import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Coverage, EventJournal } from '../../../channels/ports/event-journal.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { covers } from '../../../channels/position/vector.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { ResumeReason } from '../../../channels/protocol/up.ts';
import type { Gateway } from '../tick/gateway.ts';
import type { Room } from '../outlet/room.ts';
import { every } from '../../turns/every.ts';
import { type AdmissionQueue, NotWanted } from '../past/admission-queue.ts';
import { readJournalHistory } from '../past/journal-history.ts';
import { judgeInTurns, type NewestEvent } from '../past/hidden.ts';
import type { PreparedReplays } from '../past/prepared-replays.ts';
import { inOrder, withoutHidden } from '../past/replay-entry.ts';
import { isOtherLog, planResume, type ResumePlan } from '../past/resume-plan.ts';
import { RingOverrun } from '../past/ring-index.ts';
import type { RoomHistory } from '../past/room-history.ts';
import type { Seals } from './seals.ts';
import { replayOf } from '../past/replay.ts';
import type { Refusal, Resume } from '../past/resume-outcome.ts';
import type { Sight } from '../past/sight.ts';
import { charactersOf } from '../past/text-slices.ts';

/** The requested start of a resume. */
export interface ResumeStart {
  readonly cursor?: string;
  readonly handle?: string;
  /** RFC 3339 */
  readonly since?: string;
}

/** Nothing to resume from. */
export function isNew({ cursor, handle, since }: ResumeStart): boolean {
  return since === undefined && (cursor === undefined || handle === undefined);
}

export interface ResumeContext {
  readonly gateway: Pick<Gateway, 'position' | 'ring' | 'untilReached'>;
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly store: DocumentStore;
  readonly seals: Seals;
  readonly room: Room;
  readonly history: RoomHistory;
  readonly admission: AdmissionQueue;
  /** Runs work when the first requester has few other questions in progress. */
  readonly inOwnTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly prepared: PreparedReplays;
  readonly sight: Sight;
  readonly turns: Turns;
  readonly wireId: (event: HubEvent) => string;
  readonly maxReplayEvents: number;
  readonly maxReplayBytes: number;
  /** Charges bytes of the answer to the first requester. */
  readonly charge: (bytes: number) => void;
  /** Of the journal, in the epoch; may be some 100 ms old. @throws storage-unavailable */
  readonly coverage: (epoch: string) => Promise<readonly Coverage[]>;
  /** How long a journal that is behind is waited for. */
  readonly journalWaitMs: number;
  readonly onFault: (error: unknown) => void;
}

/** A node that is behind gets that long to catch up. Clients wait 15 s for an answer. */
const reachTimeoutMs = 5000;
const decideTimeoutMs = 12_000;
const behindRetryMs = 1000;
const journalLookMs = 100;
/** How soon work stops for a client that is gone. */
const wantedLookMs = 500;
/** A ring that is turned over while it is read repeatedly is far too small. */
const overrunTries = 20;
/** Of one event in a replay that is refused. */
const usualBytes = 1024;

function refused(reason: ResumeReason): Refusal {
  return { ok: false, reason };
}

/** undefined: a new subscription, which has nothing to resume from. */
async function startingPoint(
  { seals, room, log, gateway }: ResumeContext,
  { cursor, handle, since }: ResumeStart,
): Promise<Cursor | Refusal | undefined> {
  if (since !== undefined) {
    const [vector, starts] = await Promise.all([log.offsetsAt(Date.parse(since)), log.starts()]);
    // what the log no longer holds may have been of that time, too
    const isCut = vector.some((next, partition) => next === starts[partition] && next > 0);
    return isCut ? refused('coverage') : { epoch: gateway.position.epoch, vector, marks: [] };
  }
  if (cursor === undefined || handle === undefined) return undefined;
  const entitlement = seals.compare(handle, room);
  const point = seals.openCursor(cursor);
  if (entitlement === 'same') return point ?? refused('expired');
  // it starts from now, but not before the cursor of its client
  if (point?.epoch === gateway.position.epoch && !(await hasReached(gateway, log, point))) return refused('epoch');
  return refused(entitlement === 'closed' ? 'expired' : 'policy');
}

/**
 * False for a cursor beyond the end of the log: it is of another log. A node that only lags must neither resume
 * from there nor start from now: its client would get events older than those it has. @throws not-ready
 */
async function hasReached(
  gateway: ResumeContext['gateway'],
  log: ResumeContext['log'],
  { vector }: Cursor,
): Promise<boolean> {
  if (await gateway.untilReached(vector, reachTimeoutMs)) return true;
  if (!covers(await log.ends(), vector)) return false;
  throw new HubError('not-ready', 'this node is behind your cursor; retry, or connect to another node', {
    retryAfterMs: behindRetryMs,
  });
}

async function gather(
  context: ResumeContext,
  from: Cursor,
  to: Cursor,
  plan: ResumePlan,
  isWanted: () => boolean,
): Promise<Resume | Refusal> {
  if (!plan.ok) return plan;
  const { room, journal, store, wireId, history, maxReplayEvents, maxReplayBytes, admission, sight, turns } = context;
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> =>
    context.inOwnTurn(() => admission.run(room.policyClass.tenant, work, isWanted));
  const refuse = (reason: ResumeReason): Refusal => {
    // one sum, wherever it was found to be too much: where that is depends on what others do
    if (reason === 'too-large') context.charge(Math.min(maxReplayBytes, maxReplayEvents * usualBytes));
    return refused(reason);
  };
  const floor = to.vector.map((head, partition) => {
    const stretch = plan.ring.find((each) => each.partition === partition);
    return stretch?.from ?? head;
  });
  const past =
    plan.journal.length === 0
      ? { ok: true as const, entries: [], newest: new Map<string, HubEvent>() }
      : await inTurn(() =>
          readJournalHistory(
            {
              ...{ journal, store, turns, room, wireId, isWanted },
              epoch: to.epoch,
              maxEvents: maxReplayEvents,
              maxBytes: maxReplayBytes,
            },
            plan.journal,
          ),
        );
  if (!past.ok) return refuse(past.reason);
  // one place for each, too: what a room gets of the ring takes as much as the ring while it is put together
  if (!history.extendNow(floor, to.vector)) await inTurn(() => history.extend(floor, to.vector));
  const all = [...past.entries, ...history.between(floor, to.vector)];
  if (all.length > maxReplayEvents || charactersOf(all) > maxReplayBytes) return refuse('too-large');
  // the journal may know a newer one than the node has read yet
  const newestOf = (entity: string): NewestEvent | undefined => {
    const [known, journalled] = [sight.newest(entity), past.newest.get(entity)];
    if (journalled !== undefined && journalled.data.version > (known?.version ?? 0))
      return { version: journalled.data.version, event: journalled };
    return known === undefined ? undefined : { version: known.version, event: known.text };
  };
  const judged = await judgeInTurns({ room, turns }, new Set(all.map(({ entity }) => entity)), newestOf);
  const entries = withoutHidden(inOrder(all), (entity) => judged.get(entity)?.isHidden === true);
  const replay = await replayOf(entries, {
    ...{ room, from, to, turns },
    seal: (cursor) => context.seals.cursor(cursor),
    newestVersion: (entity) => judged.get(entity)?.version,
  });
  context.charge(replay.bytes);
  return { ok: true, replay };
}

async function decide(
  context: ResumeContext,
  start: ResumeStart,
  gaveUp: AbortSignal,
): Promise<Resume | Refusal | undefined> {
  const from = await startingPoint(context, start);
  if (from === undefined || 'reason' in from) return from;
  const { gateway } = context;
  const isOther = from.epoch !== gateway.position.epoch || from.vector.length !== gateway.position.vector.length;
  if (isOther) return refused('epoch');
  if (!(await hasReached(gateway, context.log, from))) return refused('epoch');
  if (isOtherLog(from, gateway.ring)) return refused('epoch');
  return context.prepared.once({ room: context.room.name, from }, (isWanted) => make(context, from, isWanted), gaveUp);
}

async function make(context: ResumeContext, from: Cursor, isWanted: () => boolean): Promise<Resume | Refusal> {
  const untilMs = performance.now() + context.journalWaitMs;
  for (;;) {
    const { ring, position: to } = context.gateway;
    const coverage = (): Promise<readonly Coverage[]> => context.coverage(to.epoch);
    const plan = await planResume({ cursor: from, position: to, floors: ring.floors, coverage });
    // the journal is written a moment after the log: to wait for it is better than a gap
    const waits = !plan.ok && plan.reason === 'unavailable' && performance.now() < untilMs && isWanted();
    if (!waits) return gather(context, from, to, plan, isWanted);
    await pause(journalLookMs);
  }
}

/** What the ring drops while it is read is in the journal by then, or soon. */
async function decideAgain(
  context: ResumeContext,
  start: ResumeStart,
  gaveUp: AbortSignal,
  tries = overrunTries,
): Promise<Resume | Refusal | undefined> {
  try {
    return await decide(context, start, gaveUp);
  } catch (error) {
    if (!(error instanceof RingOverrun) || tries <= 1 || gaveUp.aborted) throw error;
    await pause(journalLookMs);
    return decideAgain(context, start, gaveUp, tries - 1);
  }
}

/**
 * Decides whether a subscription can resume from the position of its client, and what it has missed. Everything is read
 * before the client gets `recovered: true`: there is no partial replay. What cannot be checked in time is
 * `unavailable`. @throws not-ready where this node is behind the cursor
 */
export async function decideResume(
  context: ResumeContext,
  start: ResumeStart,
  isWanted: () => boolean,
): Promise<Resume | Refusal | undefined> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Refusal>((resolve) => {
    timer = setTimeout(() => resolve(refused('unavailable')), decideTimeoutMs);
  });
  const gone = every(wantedLookMs, () => !isWanted() && giveUp.abort());
  const decision = decideAgain(context, start, giveUp.signal).catch((error: unknown) => {
    if (error instanceof HubError && error.code === 'not-ready') throw error;
    if (!(error instanceof NotWanted)) context.onFault(error);
    return refused('unavailable');
  });
  return Promise.race([decision, late]).finally(() => {
    clearTimeout(timer);
    void gone.stop();
    // what is still waiting for its turn is done for those who are still there, or not at all
    giveUp.abort();
  });
}
