import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import type { Ring } from '../../../channels/position/ring.ts';
import type { Room } from '../outlet/room.ts';
import type { ReplayMemory } from './replay-memory.ts';
import type { RingIndex } from './ring-index.ts';
import { RoomHistory } from './room-history.ts';

export interface RoomHistoriesOptions {
  readonly ring: () => Ring;
  readonly index: RingIndex;
  readonly memory: ReplayMemory;
  readonly store: DocumentStore;
  readonly turns: Turns;
  readonly wireId: (event: HubEvent) => string;
}

/** What of the ring each room has been shown, as long as there is memory for it. */
export class RoomHistories {
  readonly #options: RoomHistoriesOptions;
  #ring: Ring | undefined;

  constructor(options: RoomHistoriesOptions) {
    this.#options = options;
  }

  of(room: Room): RoomHistory {
    const { ring, index, memory, store, wireId, turns } = this.#options;
    // another epoch of the log: its places mean nothing in this one
    if (ring() !== this.#ring) memory.clear();
    this.#ring = ring();
    const held = memory.history(room.name);
    if (held !== undefined) return held;
    const history = new RoomHistory({ room, index, store, turns, wireId });
    memory.keepHistory(room.name, history);
    return history;
  }

  /** Counts it again, with what it has grown by. */
  keep(room: Room): void {
    const { memory } = this.#options;
    const history = memory.history(room.name);
    if (history !== undefined) memory.keepHistory(room.name, history);
  }
}
