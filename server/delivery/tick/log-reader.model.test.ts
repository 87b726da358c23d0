/** Any order of deliveries, repetitions, holes, new epochs and ticks: what the reader hands to the tick, and what its position says. */
import { noneIsNewer } from '../../../test/harness/silence.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../../adapters/contract/samples.ts';
import { type EventLog, partitionOf, type TailOptions } from '../../../channels/ports/event-log.ts';
import { LogReader, type QueuedEvent } from './log-reader.ts';

const partitions = 2;
const names = ['a', 'b', 'c', 'd', 'e'] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      partition: fc.nat(partitions - 1),
      /** Which entity changes; `again`: an older version of it stands there once more. */
      records: fc.array(fc.record({ entity: fc.nat(names.length - 1), again: fc.nat(3).map((n) => n === 0) }), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hole' as const), partition: fc.nat(partitions - 1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.constant({ do: 'done' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'epoch' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Appended {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
}

class Model {
  /** `entity@version` as they were first appended to a place that is read. */
  readonly due: string[] = [];
  readonly taken: string[] = [];
  readonly gaps: string[] = [];
  readonly expectedGaps: string[] = [];
  readonly reader: LogReader;
  #tail: TailOptions | undefined;
  #versions = new Map<string, number>();
  /** Entities that the ring knows: of those before a hole it knows nothing, and the journal is asked (repeat-filter.ts). */
  readonly #known = new Set<string>();
  #next = [0, 0];
  #epoch = 1;
  #open: (() => void) | undefined;
  #inFlight: readonly QueuedEvent[] = [];
  #waiting: Appended[] = [];

  constructor() {
    const log = {
      epoch: '1',
      ends: async () => [0, 0],
      offsetsAt: async () => [0, 0],
      tail: async (options: TailOptions) => {
        this.#tail = options;
        return { close: async () => undefined };
      },
    } as unknown as EventLog;
    const nothing = (): void => undefined;
    this.reader = new LogReader({
      log,
      ringLimits: { maxBytes: 1e7, maxAgeMs: 1e7 },
      now: () => 0,
      readsBack: true,
      elapsedMs: () => 0,
      onQueued: nothing,
      onGap: ({ partition, expected, found }) => this.gaps.push(`${partition}:${expected}-${found}`),
      onEpoch: nothing,
      onContact: nothing,
      onFault: (error) => this.gaps.push(error.message),
      onNewer: noneIsNewer,
    });
  }

  run(next: Step): void {
    switch (next.do) {
      case 'deliver':
        return this.#deliver(next.partition, next.records);
      case 'hole':
        return this.#hole(next.partition);
      case 'take':
        return this.#take(next.count);
      case 'done':
        return this.#done();
      case 'epoch':
        return void this.#beginEpoch();
    }
  }

  /** Everything is taken and processed. */
  settle(): void {
    this.#done();
    while (this.reader.queued > 0) {
      this.#take(100);
      this.#done();
    }
  }

  get read(): readonly number[] {
    return this.#next;
  }

  check(): void {
    const { vector } = this.reader;
    // what is not processed yet is not covered, and nothing is covered that was not read
    for (const { partition, offset } of this.#waiting) expect(vector[partition]).toBeLessThanOrEqual(offset);
    expect(vector.every((next, partition) => next <= (this.#next[partition] ?? 0))).toBe(true);
  }

  #deliver(partition: number, wanted: readonly { readonly entity: number; readonly again: boolean }[]): void {
    const own = names.filter((name) => partitionOf('acme', `urn:${name}`, partitions) === partition);
    const records = wanted.flatMap(({ entity, again }) => {
      const name = own[entity % own.length];
      if (name === undefined) return [];
      const newest = this.#versions.get(name) ?? 0;
      const isRepeat = again && this.#known.has(name);
      const version = isRepeat ? Math.max(1, newest - (entity % 2)) : newest + 1;
      const offset = this.#next[partition] ?? 0;
      this.#next[partition] = offset + 1;
      if (!isRepeat) {
        this.#versions.set(name, version);
        this.#known.add(name);
        this.due.push(`${name}@${version}`);
        this.#waiting.push({ partition, offset, key: `${name}@${version}` });
      }
      const event = sampleEvent(sampleAsset('acme', `urn:${name}`, { version }));
      return [{ partition, offset, appendedAtMs: 0, value: JSON.stringify(event) }];
    });
    if (records.length > 0) void this.#tail?.onRecords(partition, records);
  }

  #hole(partition: number): void {
    const expected = this.#next[partition] ?? 0;
    this.#next[partition] = expected + 3;
    this.expectedGaps.push(`${partition}:${expected}-${expected + 3}`);
    for (const name of names)
      if (partitionOf('acme', `urn:${name}`, partitions) === partition) this.#known.delete(name);
    this.#tail?.onGap({ partition, expected, found: expected + 3 });
  }

  #take(count: number): void {
    if (this.#open !== undefined || this.reader.queued === 0) return;
    const { entries, done } = this.reader.next(count, 1e6);
    this.#inFlight = entries;
    this.#open = done;
    for (const { event } of entries) this.taken.push(`${event.subject.slice(4)}@${event.data.version}`);
  }

  #done(): void {
    const open = this.#open;
    if (open === undefined) return;
    const keys = new Set(this.#inFlight.map(({ event }) => `${event.subject.slice(4)}@${event.data.version}`));
    this.#waiting = this.#waiting.filter(({ key }) => !keys.has(key));
    this.#open = undefined;
    open();
  }

  /** As a tail does it: nothing of the new epoch before the reader is through with the old one. */
  async #beginEpoch(): Promise<void> {
    this.settle();
    this.#epoch += 1;
    this.#next = [0, 0];
    await this.#tail?.onEpoch?.({ epoch: String(this.#epoch), partitionCount: partitions, complete: true });
  }
}

it("D1 D2: hands every event to the tick once and in its entity's order, and its position covers what is processed, no more", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const model = new Model();
      const started = model.reader.start();
      await started;
      for (const next of steps) {
        model.run(next);
        await Promise.resolve();
        model.check();
      }
      model.settle();
      expect(model.taken.toSorted()).toEqual(model.due.toSorted());
      const newest = new Map<string, number>();
      for (const each of model.taken) {
        const [name = '', version] = each.split('@');
        expect(Number(version)).toBe((newest.get(name) ?? 0) + 1);
        newest.set(name, Number(version));
      }
      expect(model.gaps).toEqual(model.expectedGaps);
      await model.reader.stop();
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 300) },
  );
});
