/**
 * Brings one subscription from where its client stands to live, without a hole and without a repetition that nobody
 * could recognise.
 *
 * Joining first and sending the past afterwards would mix the two; sending the past first and joining afterwards would
 * lose what happens in between. So the past is sent in pieces while the gateway goes on, and the last small piece is sent
 * in the same turn in which the connection joins the room, when no tick is half done.
 */
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Coverage, EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Cursor } from '../../channels/position/cursor.ts';
import type { Ring } from '../../channels/position/ring.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { ResumeReason, SubscribedResult } from '../../channels/protocol/up.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Room } from '../gateway/room-registry.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Connection } from '../transport/transport.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { AdmissionQueue } from './admission-queue.ts';
import { decideResume, isNew, type Resume, type ResumeStart } from './decide-resume.ts';
import { isHiddenNow } from './hidden.ts';
import { OwnedTurns } from '../turns/owned-turns.ts';
import { PreparedReplays } from './prepared-replays.ts';
import { inOrder, type ReplayEntry, withoutHidden } from './replay-entry.ts';
import { ReplayBudgets } from './replay-budgets.ts';
import { ReplayMemory } from './replay-memory.ts';
import { type Replay, ReplayPiece, replayOf, sendReplay } from './send-replay.ts';
import { Sight } from './sight.ts';
import { RingIndex, RingOverrun } from './ring-index.ts';
import { RoomHistory } from './room-history.ts';
import type { Seals } from './seals.ts';
import { sendSnapshot } from './send-snapshot.ts';
import { charactersOf } from './text-slices.ts';

export interface CatchUpOptions {
  readonly gateway: Gateway;
  readonly log: EventLog;
  readonly store: DocumentStore;
  readonly journal: EventJournal;
  readonly seals: Seals;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly wireId: (event: HubEvent) => string;
  readonly maxReplayEvents: number;
  /** Of what is kept ready of the past and of what of it is being sent, in bytes. */
  readonly replayMemoryBytes: number;
  readonly stopwatch: Stopwatch;
  readonly turns: Turns;
  /** How long a resume waits for a journal that is behind. Default 8 s; clients wait 15 s for an answer. */
  readonly journalWaitMs?: number;
}

/** One subscription on its way to live. */
export interface Subscriber {
  readonly id: string;
  /** Whose budget it is charged to: tenant and subject. */
  readonly owner: string;
  readonly room: Room;
  readonly connection: Connection;
  /** False once the connection closed, the subscription was given up, or its rights changed: nothing more may be sent. */
  isCurrent(): boolean;
  /** What to wait for before anything more is sent, see StallGuard; nearly always nothing. */
  pending(): Promise<void> | undefined;
  /** Tells the client what became of its request. Called once, before anything else is sent for the subscription. */
  announce(result: SubscribedResult): void;
  /** Joins the room and tells that it is live. */
  goLive(): void;
}

/** What may be sent in the turn of the join; the same as a slice of a burst. */
const lastPieceBytes = 256 * 1024;
/** Stretches of the journal and pages of snapshots read at once. Reading holds a place, sending does not. */
const maxExpensive = 4;
/** Snapshots of one owner on their way at once: each holds a page as long as its client takes to read it. */
const maxSnapshotsOfOwner = 8;
/** A view whose ring is turned over while each of these is sent cannot be served by this node just now. */
const maxSnapshots = 3;
const defaultJournalWaitMs = 8000;
/** Thousands may wait for the journal at once: they look together. */
const coverageTtlMs = 100;

interface Stand {
  /** Everything before it has been sent, or does not concern the subscription. */
  readonly position: Cursor;
  /** True for what the client has anyway. */
  readonly skips: (entry: ReplayEntry) => boolean;
  /** A snapshot came before: its end must give the client a cursor. */
  readonly needsCursor: boolean;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #index: RingIndex;
  readonly #admission = new AdmissionQueue(maxExpensive);
  readonly #memory: ReplayMemory;
  readonly #sight: Sight;
  readonly #budgets: ReplayBudgets;
  readonly #snapshots = new OwnedTurns(maxSnapshotsOfOwner);
  readonly #prepared: PreparedReplays;
  #ring: Ring | undefined;
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
  }

  stop(): void {
    this.#index.stop();
    this.#memory.stop();
  }

  /** Bytes of the past that are kept ready, and that are being sent. */
  get bytes(): ReplayMemory['bytes'] {
    return this.#memory.bytes;
  }

  /** Resolves when the subscription is live, or nobody wants it any more. @throws not-ready, view-too-large, storage-unavailable (a snapshot) */
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
        await sendReplay(subscriber, replay, { sight: this.#sight, turns: this.#options.turns });
      } finally {
        release();
      }
      return this.#afterReplay(subscriber, replay);
    }
    const reason = resume === undefined ? {} : { reason: resume.reason };
    if (subscriber.room.selection.mode === 'view') return this.#snapshot(subscriber, { ...common, ...reason });
    return this.atBoundary(() => {
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
    return new Promise((resolve, reject) =>
      this.#options.gateway.atBoundary(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(HubError.from(error));
        }
      }),
    );
  }

  async #decide(
    subscriber: Subscriber,
    start: ResumeStart,
  ): Promise<Resume | { readonly ok: false; readonly reason: ResumeReason } | undefined> {
    const { gateway, log, journal, store, turns, seals, wireId, maxReplayEvents, metrics, logger } = this.#options;
    const { room, owner } = subscriber;
    this.#budgets.assertRoom(owner);
    const resume = await decideResume(
      {
        gateway,
        log,
        journal,
        store,
        turns,
        seals,
        room,
        history: this.#historyOf(room),
        admission: this.#admission,
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
    this.#keepHistory(room);
    if (resume !== undefined) metrics.resumes.inc({ outcome: resume.ok ? 'recovered' : resume.reason });
    return resume;
  }

  #coverageOf(epoch: string): Promise<readonly Coverage[]> {
    const nowMs = performance.now();
    if (this.#coverage?.epoch !== epoch || nowMs - this.#coverage.atMs > coverageTtlMs)
      this.#coverage = { epoch, atMs: nowMs, found: this.#options.journal.coverage(epoch) };
    return this.#coverage.found;
  }

  async #afterReplay(subscriber: Subscriber, { to, events }: Replay): Promise<void> {
    this.#options.metrics.replayedEvents.inc(events);
    const isDone = await this.#finish(subscriber, { position: to, skips: () => false, needsCursor: false });
    // its client comes again with the cursor of what it has had, and goes on from the journal
    if (!isDone) subscriber.connection.terminate();
  }

  async #snapshot(subscriber: Subscriber, common: Omit<SubscribedResult, 'cursor' | 'recovered'>): Promise<void> {
    await this.atBoundary(() => {
      // no cursor before the whole snapshot is there: from half of it nobody can go on
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
      position: () => this.atBoundary(() => this.#options.gateway.position),
    });
    if (snapshot === undefined) return false;
    const { position, versions } = snapshot;
    const skips = ({ entity, version }: ReplayEntry): boolean => (versions.get(entity) ?? 0) >= version;
    return this.#finish(subscriber, { position, skips, needsCursor: true });
  }

  /**
   * What has happened since `stand`, piece by piece, until the rest fits into the turn of the join. False when the ring no
   * longer has all of it: the subscription is not live then.
   */
  async #finish(subscriber: Subscriber, stand: Stand): Promise<boolean> {
    const { logger } = this.#options;
    let { position } = stand;
    while (subscriber.isCurrent()) {
      await subscriber.pending();
      const target = await this.atBoundary(() => this.#join(subscriber, { ...stand, position }));
      if (typeof target === 'boolean') return target;
      const history = this.#historyOf(subscriber.room);
      try {
        await history.cover(position.vector, target.vector);
        this.#keepHistory(subscriber.room);
      } catch (error) {
        if (error instanceof RingOverrun) return false;
        logger.warn({ error }, 'the catalog cannot be read; a subscription is told to start afresh');
        await this.atBoundary(() => this.#joinStale(subscriber));
        return true;
      }
      const entries = this.#visible(subscriber.room, { ...stand, position }, target);
      await this.#send(subscriber, { from: position, to: target }, entries);
      position = target;
    }
    return true;
  }

  /**
   * Joins if what is left is little, or nobody wants it any more: true. False when the ring no longer reaches back. Otherwise
   * up to where the next piece goes. Runs at a boundary.
   */
  #join(subscriber: Subscriber, stand: Stand): Cursor | boolean {
    if (!subscriber.isCurrent()) return true;
    const { gateway } = this.#options;
    const target = gateway.position;
    // the ring holds what a client that takes its time still needs; one that takes longer resumes from the journal
    if (!this.#sight.reachesBackTo(stand.position)) return false;
    const history = this.#historyOf(subscriber.room);
    if (!history.coverNow(stand.position.vector, target.vector)) return target;
    const entries = this.#visible(subscriber.room, stand, target);
    if (charactersOf(entries) > lastPieceBytes) return target;
    if (entries.length > 0 || stand.needsCursor) {
      const piece = new ReplayPiece(
        subscriber.room,
        entries,
        gateway.cursor,
        (entity) => this.#sight.newest(entity)?.version,
      );
      subscriber.connection.sendPacket(piece.packet(subscriber.id, this.#sight));
    }
    subscriber.goLive();
    return true;
  }

  /** Live, but with a hole that the client is told of. */
  #joinStale(subscriber: Subscriber): void {
    if (!subscriber.isCurrent()) return;
    subscriber.goLive();
    subscriber.connection.send('stale', { room: subscriber.room.name });
  }

  #visible(room: Room, { position, skips }: Stand, target: Cursor): readonly ReplayEntry[] {
    const entries = inOrder(this.#historyOf(room).between(position.vector, target.vector)).filter(
      (each) => !skips(each),
    );
    return withoutHidden(entries, (entity) => isHiddenNow(room, this.#sight.newest(entity)?.text));
  }

  async #send(
    subscriber: Subscriber,
    { from, to }: { readonly from: Cursor; readonly to: Cursor },
    entries: readonly ReplayEntry[],
  ): Promise<void> {
    const { metrics, seals, turns } = this.#options;
    const { room, owner } = subscriber;
    metrics.replayedEvents.inc(entries.length);
    const replay = await replayOf(entries, {
      ...{ room, from, to, turns },
      seal: (cursor) => seals.cursor(cursor),
      newestVersion: (entity) => this.#sight.newest(entity)?.version,
    });
    this.#budgets.spend(owner, replay.bytes);
    await sendReplay(subscriber, replay, { sight: this.#sight, turns });
  }

  /** Counts it anew, with what it has grown by. */
  #keepHistory(room: Room): void {
    const history = this.#memory.history(room.name);
    if (history !== undefined) this.#memory.keepHistory(room.name, history);
  }

  #historyOf(room: Room): RoomHistory {
    const { gateway, store, wireId, turns } = this.#options;
    if (gateway.ring !== this.#ring) this.#memory.clear();
    this.#ring = gateway.ring;
    const held = this.#memory.history(room.name);
    if (held !== undefined) return held;
    const history = new RoomHistory({ room, index: this.#index, store, turns, wireId });
    this.#memory.keepHistory(room.name, history);
    return history;
  }
}
