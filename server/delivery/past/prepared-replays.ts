import type { Cursor } from '../../../channels/position/cursor.ts';
import type { Refusal, Resume } from './resume-outcome.ts';
import type { ReplayMemory } from './replay-memory.ts';
import type { Sight } from './sight.ts';

/** What makes one, as long as anybody waits for it. */
type Make = (isWanted: () => boolean) => Promise<Resume | Refusal>;

interface PendingReplay {
  readonly made: Promise<Resume | Refusal>;
  waiting: number;
}

/**
 * Replays that are ready to be sent. After a node has died all of its clients hold one of two or three cursors: what
 * the first of a room gets, the others get as it is, and only what has happened since is put together for each.
 */
export class PreparedReplays {
  readonly #memory: ReplayMemory;
  readonly #sight: Sight;
  readonly #making = new Map<string, PendingReplay>();

  constructor(memory: ReplayMemory, sight: Sight) {
    this.#memory = memory;
    this.#sight = sight;
  }

  /** One that may still be sent, or what `make` gives; those who ask for the same meanwhile wait for it. */
  async once(
    { room, from }: { readonly room: string; readonly from: Cursor },
    make: Make,
    gaveUp: AbortSignal,
  ): Promise<Resume | Refusal> {
    const name = keyOf(room, from);
    const held = this.#memory.replay(name);
    // what has happened since decides at each piece what of it is shown; where that is not known it is recreated
    if (held !== undefined && this.#sight.reachesBackTo(held.to)) return { ok: true, replay: held };
    const making = this.#making.get(name) ?? this.#make(name, make);
    making.waiting += 1;
    gaveUp.addEventListener('abort', () => (making.waiting -= 1), { once: true });
    return making.made;
  }

  #make(name: string, make: Make): PendingReplay {
    const making: PendingReplay = { waiting: 0, made: this.#keep(name, () => make(() => making.waiting > 0)) };
    this.#making.set(name, making);
    return making;
  }

  async #keep(name: string, make: () => Promise<Resume | Refusal>): Promise<Resume | Refusal> {
    // behind the first requester, so that it is counted as waiting
    await Promise.resolve();
    try {
      const resume = await make();
      if (resume.ok) this.#memory.keepReplay(name, resume.replay);
      return resume;
    } finally {
      this.#making.delete(name);
    }
  }
}

function keyOf(room: string, { epoch, vector }: Cursor): string {
  return `${room}|${epoch}|${vector.join('.')}`;
}
