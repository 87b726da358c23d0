/**
 * Brings one subscription from where its client stands to live, without a hole and without a repetition that nobody
 * could recognise.
 *
 * Joining first and sending the past afterwards would mix the two; sending the past first and joining afterwards would
 * lose what happens in between. So the past is sent in pieces while the gateway continues, and the last small piece is sent
 * in the same turn in which the connection joins the room, when no tick is half done.
 */
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Coverage, EventJournal } from '../../../channels/ports/event-journal.ts';
import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { ResumeReason, SubscribedResult } from '../../../channels/protocol/up.ts';
import type { Outlet } from '../outlet/outlet.ts';
import type { Gateway } from '../tick/gateway.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Stopwatch } from '../../../channels/ports/clock.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { AdmissionQueue } from '../past/admission-queue.ts';
import { decideResume, isNew, type ResumeStart } from './decide-resume.ts';
import { OwnedTurns } from '../../turns/owned-turns.ts';
import { PreparedReplays } from '../past/prepared-replays.ts';
import type { ReplayEntry } from '../past/replay-entry.ts';
import { ReplayBudgets } from '../past/replay-budgets.ts';
import { ReplayMemory } from '../past/replay-memory.ts';
import { Joiner } from './joiner.ts';
import type { Replay } from '../past/replay.ts';
import type { Resume } from '../past/resume-outcome.ts';
import { RoomHistories } from '../past/room-histories.ts';
import type { Subscriber } from './subscriber.ts';
import { Sight } from '../past/sight.ts';
import { RingIndex } from '../past/ring-index.ts';
import type { Seals } from './seals.ts';
import { sendSnapshot } from './send-snapshot.ts';

export interface CatchUpOptions {
  readonly gateway: Gateway;
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly journal: EventJournal;
  readonly seals: Seals;
  readonly metrics: Metrics;
  readonly outlet: Pick<Outlet, 'replayed' | 'fetched'>;
  readonly logger: Logger;
  readonly wireId: (event: HubEvent) => string;
  readonly maxReplayEvents: number;
  /** Most items of a view whose items are entities alone. */
  readonly maxViewEntities: number;
  /** Of what is kept ready of the past and of what of it is being sent, in bytes. */
  readonly replayMemoryBytes: number;
  readonly stopwatch: Stopwatch;
  readonly turns: Turns;
  /** How long a resume waits for a journal that is behind. Default 8 s; clients wait 15 s for an answer. */
  readonly journalWaitMs?: number;
}

/** Stretches of the journal and pages of snapshots read at once. Reading holds a place, sending does not. */
const maxExpensive = 4;
/** Of one owner: what has to be read for a question is not charged, so others always find a place free. */
const maxQuestionsOfOwner = 2;
/** Snapshots of one owner on their way at once: each holds a page as long as its client takes to read it. */
const maxSnapshotsOfOwner = 8;
/** A view whose ring is turned over while each of these is sent cannot be served by this node. */
const maxSnapshots = 3;
const defaultJournalWaitMs = 8000;
/** Thousands may wait for the journal at once: they look together. */
const coverageTtlMs = 100;

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #index: RingIndex;
  readonly #admission = new AdmissionQueue(maxExpensive);
  readonly #memory: ReplayMemory;
  readonly #sight: Sight;
  readonly #budgets: ReplayBudgets;
  readonly #questions = new OwnedTurns(maxQuestionsOfOwner);
  readonly #snapshots = new OwnedTurns(maxSnapshotsOfOwner);
  readonly #prepared: PreparedReplays;
  readonly #histories: RoomHistories;
  readonly #joiner: Joiner;
  #coverage:
    | { readonly epoch: string; readonly atMs: number; readonly found: Promise<readonly Coverage[]> }
    | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    const { gateway } = options;
    this.#memory = new ReplayMemory(options.replayMemoryBytes, options.stopwatch);
    this.#index = new RingIndex(() => gateway.ring, options.turns);
    this.#sight = new Sight(gateway, this.#index);
    this.#budgets = new ReplayBudgets(options.replayMemoryBytes, options.stopwatch);
    this.#prepared = new PreparedReplays(this.#memory, this.#sight);
    const common = { index: this.#index, memory: this.#memory, sight: this.#sight, budgets: this.#budgets };
    this.#histories = new RoomHistories({ ...options, ...common, ring: () => gateway.ring });
    this.#joiner = new Joiner({ ...options, ...common, histories: this.#histories });
  }

  stop(): void {
    this.#index.stop();
    this.#memory.stop();
  }

  /** Bytes of the past that are kept ready, and that are being sent. */
  get bytes(): ReplayMemory['bytes'] {
    return this.#memory.bytes;
  }

  /** Resolves when the subscription is live, or it is no longer wanted. @throws not-ready, view-too-large, storage-unavailable (a snapshot) */
  async run(subscriber: Subscriber, start: ResumeStart): Promise<void> {
    const { seals } = this.#options;
    // most subscriptions are new; they need not wait for anything
    const resume = isNew(start) ? undefined : await this.#decide(subscriber, start);
    if (!subscriber.isCurrent()) return;
    const handle = seals.handle(subscriber.room);
    const common = { id: subscriber.id, room: subscriber.room.name, handle };
    if (resume?.ok === true) {
      const { replay } = resume;
      const release = this.#memory.hold(subscriber.owner, replay);
      try {
        subscriber.announce({ ...common, cursor: seals.cursor(replay.from), recovered: true });
        await this.#joiner.sendReplay(subscriber, replay);
      } finally {
        release();
      }
      return this.#afterReplay(subscriber, replay);
    }
    const reason = resume === undefined ? {} : { reason: resume.reason };
    if (subscriber.room.selection.form.mode === 'view') return this.#snapshot(subscriber, { ...common, ...reason });
    return this.#joiner.atBoundary(() => {
      if (!subscriber.isCurrent()) return;
      const { cursor } = this.#options.gateway;
      subscriber.announce({ ...common, cursor, recovered: false, ...reason });
      subscriber.goLive();
    });
  }

  /** A new snapshot for a view that has been announced before. */
  async renew(subscriber: Subscriber): Promise<void> {
    return this.#fillView(subscriber);
  }

  /** Runs `work` when no tick is half done. */
  atBoundary<Value>(work: () => Value): Promise<Value> {
    return this.#joiner.atBoundary(work);
  }

  async #decide(
    subscriber: Subscriber,
    start: ResumeStart,
  ): Promise<Resume | { readonly ok: false; readonly reason: ResumeReason } | undefined> {
    const { gateway, log, journal, store, turns, seals, wireId, maxReplayEvents, metrics, logger } = this.#options;
    const { room, owner } = subscriber;
    this.#budgets.assertCapacity(owner);
    const resume = await decideResume(
      {
        gateway,
        log,
        journal,
        store,
        turns,
        seals,
        room,
        history: this.#histories.of(room),
        admission: this.#admission,
        inOwnTurn: (work) => this.#questions.run(owner, work),
        prepared: this.#prepared,
        sight: this.#sight,
        wireId,
        maxReplayEvents,
        maxReplayBytes: this.#memory.maxReplayBytes,
        charge: (bytes) => this.#budgets.spend(owner, bytes),
        coverage: (epoch) => this.#coverageOf(epoch),
        journalWaitMs: this.#options.journalWaitMs ?? defaultJournalWaitMs,
        onFault: (error) => logger.warn({ error }, 'a subscription could not be resumed'),
      },
      start,
      () => subscriber.isCurrent(),
    );
    this.#histories.keep(room);
    if (resume !== undefined) metrics.resumes.inc({ outcome: resume.ok ? 'recovered' : resume.reason });
    return resume;
  }

  #coverageOf(epoch: string): Promise<readonly Coverage[]> {
    const nowMs = performance.now();
    if (this.#coverage?.epoch !== epoch || nowMs - this.#coverage.atMs > coverageTtlMs)
      this.#coverage = { epoch, atMs: nowMs, found: this.#options.journal.coverage(epoch) };
    return this.#coverage.found;
  }

  async #afterReplay(subscriber: Subscriber, { to }: Replay): Promise<void> {
    const isDone = await this.#joiner.finish(subscriber, { position: to, skips: () => false, needsCursor: false });
    // its client reconnects with its last cursor, and resumes from the journal
    if (!isDone) subscriber.connection.terminate();
  }

  async #snapshot(subscriber: Subscriber, common: Omit<SubscribedResult, 'cursor' | 'recovered'>): Promise<void> {
    await this.#joiner.atBoundary(() => {
      // no cursor before the snapshot is complete: a partial one cannot be resumed
      if (subscriber.isCurrent()) subscriber.announce({ ...common, cursor: '', recovered: false });
    });
    return this.#fillView(subscriber);
  }

  async #fillView(subscriber: Subscriber): Promise<void> {
    return this.#snapshots.run(subscriber.owner, () => this.#fillViewInTurn(subscriber));
  }

  async #fillViewInTurn(subscriber: Subscriber): Promise<void> {
    for (let attempt = 1; attempt <= maxSnapshots; attempt += 1) if (await this.#tryToFillView(subscriber)) return;
    subscriber.connection.terminate();
  }

  /** False when the ring has dropped what happened while the snapshot was sent. */
  async #tryToFillView(subscriber: Subscriber): Promise<boolean> {
    const { tenant } = subscriber.room.policyClass;
    const snapshot = await sendSnapshot(subscriber, {
      store: this.#options.store,
      inTurn: (read) => this.#admission.run(tenant, read, () => subscriber.isCurrent()),
      sight: this.#sight,
      turns: this.#options.turns,
      outlet: this.#options.outlet,
      maxViewEntities: this.#options.maxViewEntities,
      position: () => this.#joiner.atBoundary(() => this.#options.gateway.position),
    });
    if (snapshot === undefined) return false;
    const { position, versions } = snapshot;
    const skips = ({ entity, version }: ReplayEntry): boolean => (versions.get(entity) ?? 0) >= version;
    return this.#joiner.finish(subscriber, { position, skips, needsCursor: true });
  }
}
