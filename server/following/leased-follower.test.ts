import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { MemoryEventJournal } from '../../test/harness/memory-event-journal.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { noneIsNewer, silentLogger } from '../../test/harness/silence.ts';
import { LeasedFollower } from './leased-follower.ts';
import type { LogBatch, LogSink } from './log-sink.ts';

/** Keeps the versions that it was given, and where it ends. */
class ListSink implements LogSink {
  readonly name = 'the list';
  readonly versions: number[] = [];
  readonly #log: MemoryEventLog;
  #next = 0;

  constructor(log: MemoryEventLog) {
    this.#log = log;
  }

  async from(): ReturnType<LogSink['from']> {
    return { epoch: this.#log.epoch, vector: [this.#next] };
  }

  async write(batches: readonly LogBatch[]): Promise<void> {
    for (const { records, to } of batches) {
      this.versions.push(...records.map(({ event }) => event.data.version));
      this.#next = to;
    }
  }
}

let log: MemoryEventLog;
let leases: MemoryEventJournal;
let nowMs: number;
const followers: LeasedFollower[] = [];

function follower(node: string, name: string, sink: LogSink): LeasedFollower {
  const made = new LeasedFollower({
    ...{ log, sink, node, name, logger: silentLogger, renewEveryMs: 10 },
    lease: leases.lease(name),
    clock: { elapsedMs: () => nowMs },
    onHolding: () => undefined,
    onWritten: () => undefined,
    onHole: () => undefined,
    onNewer: noneIsNewer,
  });
  followers.push(made);
  made.start();
  return made;
}

async function append(version: number): Promise<void> {
  await log.append([sampleEvent(sampleAsset('acme', 'urn:a', { version }))]);
}

beforeEach(() => {
  nowMs = 1000;
  log = new MemoryEventLog(1);
  leases = new MemoryEventJournal(() => nowMs);
});
afterEach(async () => {
  for (const each of followers.splice(0)) {
    await each.end();
    await each.release();
  }
});

it('of all that have the same lease one copies the log, and another goes on where it ended', async () => {
  const sink = new ListSink(log);
  await append(1);
  const first = follower('one', 'list', sink);
  await eventually(() => expect(sink.versions).toEqual([1]));
  const second = follower('two', 'list', sink);
  await append(2);
  await eventually(() => expect(sink.versions).toEqual([1, 2]));
  expect([first.holds, second.holds]).toEqual([true, false]);
  await first.end();
  await first.release();
  await append(3);
  await eventually(() => expect(sink.versions).toEqual([1, 2, 3]));
  expect([first.holds, second.holds, first.writes]).toEqual([false, true, undefined]);
});

it('followers with leases of their own copy the log each for itself', async () => {
  const [one, other] = [new ListSink(log), new ListSink(log)];
  follower('one', 'list', one);
  follower('one', 'other list', other);
  await append(1);
  await eventually(() => expect([one.versions, other.versions]).toEqual([[1], [1]]));
});

it('tries again after a sink that is away, and gives it nothing out of order', async () => {
  const sink = new ListSink(log);
  const write = sink.write.bind(sink);
  let failures = 2;
  sink.write = async (batches) => {
    if (failures-- > 0) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    await write(batches);
  };
  follower('one', 'list', sink);
  await append(1);
  await append(2);
  await eventually(() => expect(sink.versions).toEqual([1, 2]));
});

it('says to work under the lease when its time is over', async () => {
  const sink = new ListSink(log);
  const one = follower('one', 'list', sink);
  await eventually(() => expect(one.holds).toBe(true));
  const { claim } = one;
  expect([claim?.aborted, one.claim === claim]).toEqual([false, true]);
  await one.end();
  await one.release();
  expect([claim?.aborted, one.claim]).toEqual([true, undefined]);
});
