import type { NewerForm } from '../../channels/forms/form-of.ts';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Watched } from '../observability/progress-watch.ts';
import { every, type Loop } from '../turns/every.ts';
import { type ClaimAnswer, type ClaimPhase, phaseAfter, waiting } from './claim-phase.ts';
import { JournalFollower } from './journal-follower.ts';
import { JournalUpkeep } from './journal-upkeep.ts';

export interface JournalWriterOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly node: string;
  readonly clock: Clock & Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly retentionMs: number;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
  /** How long the claim runs. Another worker takes over when it was not renewed for so long. */
  readonly claimMs?: number;
  readonly renewEveryMs?: number;
  readonly upkeepEveryMs?: number;
  readonly retainEveryMs?: number;
}

/**
 * Keeps the journal up with the log: of all workers the one that holds the claim copies the log and removes what is
 * old; the others stand by.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #claimMs: number;
  readonly #upkeep: JournalUpkeep;
  #phase: ClaimPhase = waiting;
  #follower: JournalFollower | undefined;
  #renewal: Loop | undefined;
  #stopped = false;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#claimMs = options.claimMs ?? 10_000;
    this.#upkeep = new JournalUpkeep({ ...options, isHolder: () => this.#phase.kind === 'holding' });
  }

  /** For whoever watches that it gets on. Those that stand by wait for nothing. */
  get watched(): Watched {
    return {
      name: 'journal',
      waits: () => this.#phase.kind === 'holding' && this.#upkeep.lag > 0,
      progress: () => this.#follower?.writes,
    };
  }

  start(): void {
    this.#renewal = every(this.#options.renewEveryMs ?? 3000, () => this.#renew(), { atOnce: true });
    this.#upkeep.start();
  }

  /** Another worker may take over at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#renewal?.stop();
    await this.#upkeep.stop();
    const held = this.#phase.kind === 'holding';
    this.#phase = waiting;
    await this.#keepToPhase();
    const { journal, node, logger } = this.#options;
    if (held)
      await journal
        .release(node)
        .catch((error: unknown) => logger.warn({ error }, 'the claim of the journal runs out'));
  }

  async #renew(): Promise<void> {
    const { clock } = this.#options;
    const askedAtMs = clock.elapsedMs();
    const answer = await this.#ask();
    this.#phase = phaseAfter(this.#phase, answer, { askedAtMs, nowMs: clock.elapsedMs(), ttlMs: this.#claimMs });
    if (!this.#stopped) await this.#keepToPhase();
  }

  async #ask(): Promise<ClaimAnswer> {
    const { journal, node, logger } = this.#options;
    try {
      return (await journal.claim(node, this.#claimMs)) ? 'granted' : 'refused';
    } catch (error) {
      logger.debug({ error }, 'the claim of the journal cannot be renewed just now');
      return 'unknown';
    }
  }

  /** Follows exactly while it holds the claim; nothing where the log is the journal. What cannot begin now is tried again with the next renewal. */
  async #keepToPhase(): Promise<void> {
    const holds = this.#phase.kind === 'holding';
    this.#options.metrics.journalWriting.set(holds ? 1 : 0);
    if (this.#options.journal.isLog || holds === (this.#follower !== undefined)) return;
    const follower = this.#follower ?? new JournalFollower(this.#options);
    try {
      if (holds) {
        await follower.start();
        this.#follower = follower;
      } else {
        this.#follower = undefined;
        await follower.close();
      }
    } catch (error) {
      this.#options.logger.warn({ error }, 'the journal cannot be written yet; trying again');
      await follower.close();
    }
  }
}
