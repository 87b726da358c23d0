import type { Turns } from '../../../channels/ports/turns.ts';
import type { Cursor } from '../../../channels/position/cursor.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { Outlet } from '../outlet/outlet.ts';
import type { Room } from '../outlet/room.ts';
import type { Gateway } from '../tick/gateway.ts';
import type { Logger } from '../../observability/logger.ts';
import { isHiddenNow } from '../past/hidden.ts';
import { type Replay, ReplayPiece, replayOf } from '../past/replay.ts';
import type { ReplayBudgets } from '../past/replay-budgets.ts';
import { inOrder, type ReplayEntry, withoutHidden } from '../past/replay-entry.ts';
import { RingOverrun } from '../past/ring-index.ts';
import type { RoomHistories } from '../past/room-histories.ts';
import type { RoomHistory } from '../past/room-history.ts';
import type { Seals } from './seals.ts';
import { sendPiece, sendReplay } from './send-replay.ts';
import type { Sight } from '../past/sight.ts';
import type { Subscriber } from './subscriber.ts';
import { charactersOf } from '../past/text-slices.ts';

/** What may be sent in the turn of the join; the same as a slice of a burst. */
const lastPieceBytes = 256 * 1024;
/** Position of a subscription that is not live yet. */
export interface Stand {
  /** Everything before it has been sent, or does not concern the subscription. */
  readonly position: Cursor;
  /** True for what the client has anyway. */
  readonly skips: (entry: ReplayEntry) => boolean;
  /** A snapshot came before: its end must give the client a cursor. */
  readonly needsCursor: boolean;
}

export interface JoinerOptions {
  readonly gateway: Gateway;
  readonly sight: Sight;
  readonly histories: RoomHistories;
  readonly budgets: ReplayBudgets;
  readonly seals: Seals;
  readonly turns: Turns;
  readonly outlet: Pick<Outlet, 'replayed'>;
  readonly logger: Logger;
}

/** Moves a subscription from a position in the ring into its room, without a gap or duplicates. */
export class Joiner {
  readonly #options: JoinerOptions;

  constructor(options: JoinerOptions) {
    this.#options = options;
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

  /**
   * What has happened since `stand`, piece by piece, until the rest fits into the turn of the join. False when the ring no
   * longer has all of it: the subscription is not live then.
   */
  async finish(subscriber: Subscriber, stand: Stand): Promise<boolean> {
    const { histories, logger } = this.#options;
    let { position } = stand;
    while (subscriber.isCurrent()) {
      await subscriber.pending();
      // held until its part is sent: what is kept is given up by time and by size, and another would be empty
      const history = histories.of(subscriber.room);
      const target = await this.atBoundary(() => this.#join(subscriber, { ...stand, position }, history));
      if (typeof target === 'boolean') return target;
      try {
        await history.extend(position.vector, target.vector);
        histories.keep(subscriber.room);
      } catch (error) {
        if (error instanceof RingOverrun) return false;
        logger.warn({ error }, 'the catalog cannot be read; a subscription cannot be resumed');
        await this.atBoundary(() => this.#joinStale(subscriber));
        return true;
      }
      const entries = this.#visible(
        subscriber.room,
        { ...stand, position },
        history.between(position.vector, target.vector),
      );
      await this.#send(subscriber, { from: position, to: target }, entries);
      position = target;
    }
    return true;
  }

  /**
   * Joins if what is left is little, or it is no longer wanted: true. False when the ring no longer reaches back. Otherwise
   * up to where the next piece goes. Runs at a boundary.
   */
  #join(subscriber: Subscriber, stand: Stand, history: RoomHistory): Cursor | boolean {
    if (!subscriber.isCurrent()) return true;
    const { gateway, sight } = this.#options;
    const target = gateway.position;
    // the ring holds what a client that takes its time still needs; one that takes longer resumes from the journal
    if (!sight.reachesBackTo(stand.position)) return false;
    const { vector } = stand.position;
    if (!history.extendNow(vector, target.vector)) return target;
    const entries = this.#visible(subscriber.room, stand, history.between(vector, target.vector));
    if (charactersOf(entries) > lastPieceBytes) return target;
    if (entries.length > 0 || stand.needsCursor) {
      const piece = new ReplayPiece(
        subscriber.room,
        entries,
        gateway.cursor,
        (entity) => sight.newest(entity)?.version,
      );
      sendPiece(subscriber, piece, this.#options);
    }
    subscriber.goLive();
    return true;
  }

  /** Live, but with a gap that is reported to the client. */
  #joinStale(subscriber: Subscriber): void {
    if (!subscriber.isCurrent()) return;
    subscriber.goLive();
    subscriber.connection.send('stale', { room: subscriber.room.name });
  }

  #visible(room: Room, { skips }: Stand, past: readonly ReplayEntry[]): readonly ReplayEntry[] {
    const entries = inOrder(past).filter((each) => !skips(each));
    return withoutHidden(entries, (entity) => isHiddenNow(room, this.#options.sight.newest(entity)?.text));
  }

  async #send(
    subscriber: Subscriber,
    { from, to }: { readonly from: Cursor; readonly to: Cursor },
    entries: readonly ReplayEntry[],
  ): Promise<void> {
    const { seals, sight, budgets, turns } = this.#options;
    const { room, owner } = subscriber;
    const replay = await replayOf(entries, {
      ...{ room, from, to, turns },
      seal: (cursor) => seals.cursor(cursor),
      newestVersion: (entity) => sight.newest(entity)?.version,
    });
    budgets.spend(owner, replay.bytes);
    await this.sendReplay(subscriber, replay);
  }

  /** No faster than the client takes it. */
  sendReplay(subscriber: Subscriber, replay: Replay): Promise<void> {
    return sendReplay(subscriber, replay, this.#options);
  }
}
