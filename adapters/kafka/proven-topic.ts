import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { ConnectorSourceOptions, SourceRecord } from '../../channels/ports/connector-source.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { offsetsOf } from './kafka-connection.ts';
import { markOf } from './source-mark.ts';
import { isCompacted } from './source-topic.ts';

/** Position of a source in one partition. */
export interface PartitionPlace {
  /** First offset not ingested; unknown until the stored position was asked for. */
  next: number | undefined;
  /** What is stored of it: before `next` where the source has records of its own there, as transactions do; null: nothing. */
  stored: number | null;
  /** Mark of the record before `next`, which is read once more to see that it still is that one. */
  unproven: string | undefined;
  /** Lowest offset that may be in what is fetched. */
  floor: number;
}

interface FoundPlace extends Readonly<Pick<PartitionPlace, 'stored' | 'unproven'>> {
  readonly next: number;
  /** Where reading begins: with the record before `next` if that is to be proven. */
  readonly readable: number;
}

export interface ProvenTopicOptions {
  readonly admin: Admin;
  readonly topic: string;
  readonly callbacks: Pick<ConnectorSourceOptions, 'position' | 'onRefused' | 'onGap'>;
  readonly stopping: AbortSignal;
}

/** A leader that has just been elected may not know of all that its predecessor confirmed, for a moment. */
const [shortLooks, shortLookMs] = [3, 1000];

/**
 * A topic, and whether it still is the one of which positions were stored. A partition of another one is refused until an
 * operator decides.
 */
export class ProvenTopic {
  readonly #options: ProvenTopicOptions;
  #connected: Promise<void> | undefined;

  constructor(options: ProvenTopicOptions) {
    this.#options = options;
  }

  /** Of the topic now, by partition. */
  async offsets(): Promise<Awaited<ReturnType<typeof offsetsOf>>> {
    this.#connected ??= this.#options.admin.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    await this.#connected;
    return offsetsOf(this.#options.admin, this.#options.topic);
  }

  /** Where a partition is to be read from; looked at again while that is beyond its end. @throws log-mismatch */
  async find(partition: number, isCurrent: () => boolean): Promise<FoundPlace> {
    for (let look = 1; ; look++) {
      const stored = await this.#options.callbacks.position(partition);
      if (stored?.refused !== undefined) throw new HubError('log-mismatch', stored.refused);
      const { low, high } = (await this.offsets())[partition] ?? { low: 0, high: 0 };
      const next = stored?.next ?? low;
      if (next <= high) {
        // what retention has removed cannot be compared
        const unproven = next > low ? stored?.mark : undefined;
        const readable = unproven === undefined ? Math.max(next, low) : next - 1;
        return { next, stored: stored?.next ?? null, unproven, readable };
      }
      if (look === shortLooks || !isCurrent())
        await this.#refuse(partition, next, `ends at offset ${high} but was read to ${next}`);
      await pause(shortLookMs, undefined, { signal: this.#options.stopping }).catch(() => {});
    }
  }

  /** @throws log-mismatch when these records are not of the partition that was read */
  async prove(
    partition: number,
    state: PartitionPlace,
    records: readonly SourceRecord[],
    lastOffset: number,
  ): Promise<void> {
    const { unproven, floor, next = 0 } = state;
    const first = records[0]?.offset ?? floor;
    // kafkajs goes to the beginning by itself where a partition has become shorter
    if (first < floor) throw new HubError('log-mismatch', `${this.#name(partition)} starts again at offset ${first}`);
    if (unproven === undefined || lastOffset < next - 1) return;
    const again = records.find(({ offset }) => offset === next - 1);
    if (again === undefined ? await isCompacted(this.#options.admin, this.#options.topic) : markOf(again) === unproven)
      return void (state.unproven = undefined);
    await this.#refuse(partition, next, `has another record at offset ${next - 1} than the one read before`);
  }

  #name(partition: number): string {
    return `topic ${this.#options.topic}, partition ${partition},`;
  }

  /** @throws log-mismatch always */
  async #refuse(partition: number, next: number, what: string): Promise<never> {
    const reason = `${this.#name(partition)} ${what}: it was deleted and recreated, or truncated; nothing of it is ingested until an operator runs pursight connectors reset <id> --to beginning|end`;
    await this.#options.callbacks.onRefused(partition, reason, next);
    throw new HubError('log-mismatch', reason);
  }

  /** Compacted and transactional topics have holes by nature; a loss is only what lies before the start of the topic. */
  async tellGap(partition: number, expected: number, found: number): Promise<void> {
    if (found === expected) return;
    const { low } = (await this.offsets())[partition] ?? { low: 0 };
    if (low > expected) this.#options.callbacks.onGap({ partition, expected, found });
  }

  async close(): Promise<void> {
    await this.#connected?.catch(() => {});
    await this.#options.admin.disconnect();
  }
}
