import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { sampleAsset, sampleBatch, sampleDeadLetter, sampleEvent } from '../../adapters/contract/samples.ts';
import type { Change } from '../../channels/catalog/change.ts';
import { forms } from '../../channels/forms/forms.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { NativeMessage, SourceRecord } from '../../channels/ports/connector-source.ts';
import type { MessageFormat } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { assetChange, minute } from '../../test/harness/changes.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { TestSource } from '../../test/harness/test-source.ts';
import { MemoryEventLog } from '../../test/harness/memory-event-log.ts';
import { metricValue, noneIsNewer, silentLogger } from '../../test/harness/silence.ts';
import { testIntake } from '../../test/harness/test-intake.ts';
import { createMetrics } from '../observability/metrics.ts';
import { Housekeeping } from '../worker/housekeeping.ts';
import type { Connector } from './connector.ts';
import { ConnectorRunner } from './connector-runner.ts';
import type { Intake } from './intake.ts';
import { Publisher } from '../publishing/publisher.ts';
import { PositionMovedError } from './taking.ts';

/** A message of the plainest format: what it says of which assets; or a part of such a message. */
interface Plain {
  readonly id: string;
  readonly set?: readonly { readonly name: string; readonly description: string }[];
  readonly part?: { readonly index: number; readonly count: number; readonly text: string };
}

const plainFormat: MessageFormat = {
  name: 'cloudevents',
  identifies: false,
  normalise: (message, origin, profile) => {
    const text = Buffer.from(message.value ?? []).toString();
    if (!text.startsWith('{')) throw new HubError('invalid-json', 'message: not JSON');
    const { id, set = [], part } = JSON.parse(text) as Plain;
    if (part !== undefined)
      return { kind: 'part', part: { messageId: id, ...part, join: (texts) => Buffer.from(texts.join('')) } };
    const changes = set.map(({ name, description }, ordinal): Change =>
      assetChange(
        { description },
        {
          urn: `urn:${name}`,
          nativeId: name,
          messageId: id,
          ordinal,
          connector: profile.id,
          tenant: profile.tenant,
          origin,
          completeness: 'delta',
          time: minute(0),
        },
      ),
    );
    return { kind: 'changes', changes };
  },
  split: (body) => [message(Buffer.from(body).toString())],
};

const connector: Connector = {
  profile: { id: 'lake', tenant: 'acme', namespace: 'urn:', writes: [], scheme: 'lake' },
  format: plainFormat,
  system: 'lake',
  topic: 'changes',
};

function message(value: Plain | string): NativeMessage {
  return {
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    key: null,
    headers: { h: '1' },
    timestampMs: 1,
  };
}
const says = (id: string, ...pairs: readonly (readonly [string, string])[]): Plain => ({
  id,
  set: pairs.map(([name, description]) => ({ name, description })),
});
const record = (offset: number, value: Plain | string): SourceRecord => ({ ...message(value), offset });

const deadLetterLimits = { retentionMs: 1_000_000, maxCount: 1000, maxBytes: 1_000_000_000 };

let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let log: MemoryEventLog;
let metrics: ReturnType<typeof createMetrics>;
let publisher: Publisher;
let intake: Intake;
let nowMs: number;
const clock = { now: () => nowMs, elapsedMs: () => nowMs };
const stops: (() => Promise<void>)[] = [];

function createPublisher(on: CatalogStore = store): Publisher {
  const created = new Publisher({ store: on, log, clock, alone: true, logger: silentLogger, metrics });
  stops.push(() => created.stop());
  return created;
}

function createIntake(on: CatalogStore = store): Intake {
  return testIntake({ store: on, publisher, clock, metrics });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-ingest-'));
  environment = await createEmbeddedEnvironment({ folder });
  store = createEmbeddedCatalogStore({ environment });
  [log, metrics, nowMs] = [new MemoryEventLog(2), createMetrics(), Date.UTC(2026, 4, 4)];
  publisher = createPublisher();
  intake = createIntake();
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await environment.close();
  await rm(folder, { recursive: true });
});

const documentOf = async (name: string) => (await store.getMany([{ tenant: 'acme', urn: `urn:${name}` }]))[0];
const published = (): readonly string[] =>
  log.events.map((event) => `${event.subject}@${event.data.version}`).toSorted();
const results = (outcomes: readonly { readonly result: string }[]): readonly string[] =>
  outcomes.map((outcome) => outcome.result);

describe('Intake: records of a topic', { timeout: 30_000 }, () => {
  it('takes a batch in as a whole: documents, position, events', async () => {
    const outcomes = await intake.takeRecords(
      connector,
      0,
      [
        record(5, says('m1', ['a', 'x'], ['b', 'x'])),
        record(7, says('m2', ['a', 'y'])),
        record(8, says('m3', ['a', 'y'])),
      ],
      { expected: null },
    );
    expect(results(outcomes)).toEqual(['accepted', 'accepted', 'unchanged']);
    expect(await documentOf('a')).toMatchObject({ version: 2, description: 'y' });
    expect(await store.positionsOf('lake')).toEqual([
      expect.objectContaining({ topic: 'changes', partition: 0, next: 9 }),
    ]);
    await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:a@2', 'urn:b@1']));
    await eventually(async () => expect((await store.outboxPending({ limit: 10 })).rows).toEqual([]));
    expect(await metricValue(metrics, 'eventsIn', { connector: 'lake' })).toBe(3);
  });

  it('D3: takes nothing in when another process has moved the position', async () => {
    await intake.takeRecords(connector, 0, [record(0, says('m1', ['a', 'x']))], { expected: null });
    await expect(
      intake.takeRecords(connector, 0, [record(0, says('m2', ['a', 'z']))], { expected: null }),
    ).rejects.toBeInstanceOf(PositionMovedError);
    await expect(
      intake.takeRecords(connector, 0, [record(4, says('m2', ['a', 'z']))], { expected: 4 }),
    ).rejects.toBeInstanceOf(PositionMovedError);
    expect(await documentOf('a')).toMatchObject({ version: 1, description: 'x' });
  });

  it('D1: two writers at once both get in, one after the other, with a version each', async () => {
    const writers = Array.from({ length: 8 }, (_, i) =>
      createIntake().takeRecords(connector, i, [record(0, says(`m${i}`, ['a', `text ${i}`]))], { expected: null }),
    );
    expect((await Promise.all(writers)).flatMap(results)).toEqual(Array.from({ length: 8 }, () => 'accepted'));
    expect(await documentOf('a')).toMatchObject({ version: 8 });
    await eventually(() => expect(log.events.map((event) => event.data.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it('applies all of a message or nothing of it, and the rest of the batch', async () => {
    const outcomes = await intake.takeRecords(
      connector,
      0,
      [record(0, says('m1', ['a', 'fine'], ['b', 'd'.repeat(70_000)])), record(1, says('m2', ['c', 'fine']))],
      { expected: null },
    );
    expect(outcomes).toMatchObject([{ result: 'rejected', error: { code: 'limit-exceeded' } }, { result: 'accepted' }]);
    expect([await documentOf('a'), await documentOf('b')]).toEqual([undefined, undefined]);
    expect(await documentOf('c')).toBeDefined();
  });

  it('sets what it cannot read aside with its bytes, place and reason, and goes on', async () => {
    const [outcome] = await intake.takeRecords(
      connector,
      3,
      [record(9, 'not json'), record(10, says('m1', ['a', 'x']))],
      { expected: null },
    );
    const [summary, ...others] = await store.deadLetters({ tenant: 'acme', limit: 10 });
    expect(others).toEqual([]);
    const letter = await store.deadLetter('acme', summary?.id ?? '');
    expect(outcome).toMatchObject({ result: 'rejected', deadLetter: letter?.id });
    expect(letter).toMatchObject({
      connector: 'lake',
      code: 'invalid-json',
      reason: 'message: not JSON',
      headers: { h: '1' },
      origin: { transport: 'kafka', topic: 'changes', partition: 3, offset: 9 },
      at: new Date(nowMs).toISOString(),
    });
    expect(Buffer.from(letter?.bytes ?? '', 'base64').toString()).toBe('not json');
    expect(await documentOf('a')).toBeDefined();
  });

  it('keeps a tombstone that a format cannot read as no bytes', async () => {
    await intake.takeRecords(connector, 0, [{ ...record(0, ''), value: null }], { expected: null });
    const [letter] = await store.deadLetters({ tenant: 'acme', limit: 10 });
    expect(await store.deadLetter('acme', letter?.id ?? '')).toMatchObject({ bytes: null });
  });

  it('gives up with conflict, retryable, when others are always faster', async () => {
    const racing = {
      ...boundStore(),
      commit: async () => ({ ok: false, conflict: 'version' }) as const,
    } as CatalogStore;
    await expect(createIntake(racing).takeMessages(connector, [message(says('m1', ['a', 'x']))])).rejects.toMatchObject(
      { code: 'conflict', retryable: true },
    );
  });
});

/** The store as a plain object, so that a test can replace one method. */
function boundStore(): CatalogStore {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store)) as (keyof CatalogStore)[];
  return Object.fromEntries(
    names.map((name) => [name, (store[name] as (...args: unknown[]) => unknown).bind(store)]),
  ) as unknown as CatalogStore;
}

describe('Intake: messages without a position', () => {
  it('D3: takes each id in once, within a call, later, and from two callers at once', async () => {
    const m1 = message(says('m1', ['a', 'x']));
    expect(results(await intake.takeMessages(connector, [m1, m1]))).toEqual(['accepted', 'duplicate']);
    await intake.takeMessages(connector, [message(says('m2', ['a', 'y']))]);
    expect(results(await intake.takeMessages(connector, [m1]))).toEqual(['duplicate']);
    expect(await documentOf('a')).toMatchObject({ version: 2, description: 'y' });
    const racing = await Promise.all(
      Array.from({ length: 5 }, () => createIntake().takeMessages(connector, [message(says('m3', ['b', 'x']))])),
    );
    expect(racing.flatMap(results).toSorted()).toEqual([
      'accepted',
      'duplicate',
      'duplicate',
      'duplicate',
      'duplicate',
    ]);
  });

  it('forgets ids after their window', async () => {
    await intake.takeMessages(connector, [message(says('m1', ['a', 'x']))]);
    await intake.takeMessages(connector, [message(says('m2', ['a', 'y']))]);
    nowMs += 60_001;
    await store.expire(nowMs);
    expect(results(await intake.takeMessages(connector, [message(says('m1', ['a', 'x']))]))).toEqual(['accepted']);
  });

  it('a rejected message is not remembered as taken in, and stays one dead letter', async () => {
    for (let i = 0; i < 2; i++)
      expect(results(await intake.takeMessages(connector, [message('broken')]))).toEqual(['rejected']);
    expect(await store.deadLetterCount()).toBe(1);
  });
});

describe('Intake: split messages', () => {
  const whole = JSON.stringify(says('whole', ['a', 'from parts']));
  const parts = [0, 1, 2].map((index): Plain => ({
    id: 'whole',
    part: { index, count: 3, text: whole.slice(index * 20, index === 2 ? undefined : (index + 1) * 20) },
  }));

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]], [[1, 1, 0, 2]]])(
    'are put together over several batches in the order %j',
    async (order) => {
      let next: number | null = null;
      for (const [offset, index] of order.entries()) {
        const outcomes = await intake.takeRecords(connector, 0, [record(offset, parts[index]!)], { expected: next });
        next = offset + 1;
        expect(results(outcomes)).toEqual([offset === order.length - 1 ? 'accepted' : 'part']);
      }
      expect(await documentOf('a')).toMatchObject({ description: 'from parts', version: 1 });
      expect(await store.partialsOf(['lake|whole'])).toEqual([undefined]);
    },
  );

  it('are put together within one batch, and beside what is stored already', async () => {
    await intake.takeRecords(connector, 0, [record(0, says('m1', ['a', 'before']))], { expected: null });
    expect(
      results(
        await intake.takeRecords(
          connector,
          0,
          parts.map((part, i) => record(i + 1, part)),
          { expected: 1 },
        ),
      ),
    ).toEqual(['part', 'part', 'accepted']);
    expect(await documentOf('a')).toMatchObject({ description: 'from parts', version: 2 });
  });

  it('are put together from partitions that are read at the same time', async () => {
    const outcomes = await Promise.all(
      parts.map((part, i) => createIntake().takeRecords(connector, i, [record(0, part)], { expected: null })),
    );
    expect(outcomes.flatMap(results).toSorted()).toEqual(['accepted', 'part', 'part']);
  });

  it('are set aside whole when the whole cannot be read', async () => {
    const broken = ['not ', 'json'].map((text, index): Plain => ({ id: 'broken', part: { index, count: 2, text } }));
    expect(
      results(
        await intake.takeRecords(
          connector,
          0,
          broken.map((part, i) => record(i, part)),
          { expected: null },
        ),
      ),
    ).toEqual(['part', 'rejected']);
    const [summary] = await store.deadLetters({ tenant: 'acme', limit: 10 });
    const letter = await store.deadLetter('acme', summary?.id ?? '');
    expect(Buffer.from(letter?.bytes ?? '', 'base64').toString()).toBe('not json');
  });

  it('become a dead letter when the others do not come in time', async () => {
    const housekeeping = new Housekeeping({
      onNewer: noneIsNewer,
      store,
      clock,
      logger: silentLogger,
      metrics,
      splitWindowMs: 1000,
      deadLetterLimits,
    });
    await intake.takeRecords(connector, 0, [record(0, parts[0]!)], { expected: null });
    nowMs += 999;
    await housekeeping.run();
    expect(await store.deadLetterCount()).toBe(0);
    nowMs += 2;
    await housekeeping.run();
    expect(await store.deadLetters({ tenant: 'acme', limit: 10 })).toMatchObject([
      { code: 'incomplete-message', connector: 'lake' },
    ]);
    expect(await store.partialsOf(['lake|whole'])).toEqual([undefined]);
    expect(await metricValue(metrics, 'deadLettersHeld')).toBe(1);
  });
});

describe('Housekeeping', () => {
  it('survives a store that is away', async () => {
    const away = {
      partialsBefore: () => Promise.reject(new HubError('storage-unavailable', 'away')),
    } as unknown as CatalogStore;
    await expect(
      new Housekeeping({
        onNewer: noneIsNewer,
        store: away,
        clock,
        logger: silentLogger,
        metrics,
        splitWindowMs: 1,
        deadLetterLimits,
      }).run(),
    ).resolves.toBeUndefined();
  });
});

describe('Publisher', { timeout: 30_000 }, () => {
  it('D1: keeps the rows of a log that is away and sends them again in version order', async () => {
    log.failing = 'reject';
    for (let i = 0; i < 3; i++) await intake.takeMessages(connector, [message(says(`m${i}`, ['a', `${i}`]))]);
    await eventually(() => expect(log.appends.length).toBeGreaterThan(1));
    expect((await store.outboxPending({ limit: 10 })).rows.map((row) => row.event.data.version)).toEqual([1, 2, 3]);
    log.failing = 'no';
    await eventually(() => expect(log.events.map((event) => event.data.version)).toEqual([1, 2, 3]));
    await eventually(async () =>
      expect([(await store.outboxPending({ limit: 10 })).rows.length, publisher.queued]).toEqual([0, 0]),
    );
  });

  it('sends again only what the log did not confirm', async () => {
    log.failing = 'refuse-some';
    await intake.takeMessages(connector, [message(says('m1', ['a', 'x'], ['b', 'x'], ['c', 'x'], ['d', 'x']))]);
    await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:b@1', 'urn:c@1']));
    log.failing = 'no';
    await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:b@1', 'urn:c@1', 'urn:d@1']));
  });

  it('D1: sends lower versions first that another process has left behind', async () => {
    const events = [1, 2, 3].map((version) => sampleEvent(sampleAsset('acme', 'urn:a', { version })));
    const empty = {
      documents: [],
      positions: [],
      messageIds: [],
      deadLetters: [],
      partials: [],
      completedPartials: [],
    };
    await store.commit({ ...empty, outbox: events });
    await publisher.publish([events[1]!]);
    await eventually(() => expect(log.events.map((event) => event.data.version)).toEqual([1, 2]));
    await eventually(async () =>
      expect((await store.outboxPending({ limit: 10 })).rows.map((row) => row.event.data.version)).toEqual([3]),
    );
  });

  it('D1: asks the outbox only for entities of which lower versions may be left', async () => {
    const asked: string[] = [];
    const outboxOf: CatalogStore['outboxOf'] = (entities) => {
      asked.push(...entities.map(({ urn }) => urn));
      return store.outboxOf(entities);
    };
    publisher = createPublisher({ ...boundStore(), outboxOf });
    intake = createIntake();
    for (let i = 0; i < 3; i++) await intake.takeMessages(connector, [message(says(`m${i}`, ['a', `${i}`]))]);
    await eventually(() => expect(published()).toEqual(['urn:a@1', 'urn:a@2', 'urn:a@3']));
    expect(asked).toEqual([]);
    const recordedtime = new Date(nowMs).toISOString();
    await publisher.publish([sampleEvent(sampleAsset('acme', 'urn:a', { version: 5 }), { recordedtime })]);
    await eventually(() => expect(asked).toEqual(['urn:a']));
  });

  it('D1: asks the outbox for events that have waited so long that another process may have taken them', async () => {
    log.failing = 'reject';
    await intake.takeMessages(connector, [message(says('m1', ['a', 'x']))]);
    await eventually(() => expect(log.appends.length).toBeGreaterThan(0));
    await store.outboxRemove((await store.outboxPending({ limit: 10 })).rows.map((row) => row.id));
    nowMs += 5001;
    log.failing = 'no';
    await eventually(() => expect(publisher.queued).toBe(0));
    expect(published()).toEqual([]);
  });

  it('I4: an event that the log does not take waits with the later ones of its entity; others go on', async () => {
    log.tooLarge.add('urn:a');
    publisher.start();
    await intake.takeMessages(connector, [
      message(says('m1', ['a', '1'], ['b', '1'])),
      message(says('m2', ['a', '2'])),
    ]);
    await eventually(() => expect([published(), publisher.queued]).toEqual([['urn:b@1'], 0]));
    await intake.takeMessages(connector, [message(says('m3', ['a', '3'], ['b', '2']))]);
    await eventually(() => expect([published(), publisher.queued]).toEqual([['urn:b@1', 'urn:b@2'], 0]));
    expect((await store.outboxPending({ limit: 10 })).rows.map((row) => row.event.data.version)).toEqual([1, 2, 3]);
    const appends = log.appends.length;

    log.tooLarge.clear();
    nowMs += 11_000;
    await eventually(() =>
      expect(published().filter((each) => each.startsWith('urn:a'))).toEqual(['urn:a@1', 'urn:a@2', 'urn:a@3']),
    );
    expect(log.appends.length).toBeLessThanOrEqual(appends + 2);
    await eventually(async () => expect((await store.outboxPending({ limit: 10 })).rows).toEqual([]));
  });

  it('stops at once while the log is away, and leaves the rows to the next process', async () => {
    log.failing = 'reject';
    await intake.takeMessages(connector, [message(says('m1', ['a', 'x']))]);
    await publisher.stop();
    expect((await store.outboxPending({ limit: 10 })).rows).toHaveLength(1);
    log.failing = 'no';
    nowMs += 5001;
    createPublisher().start();
    await eventually(() => expect(published()).toEqual(['urn:a@1']));
  });
});

describe('ConnectorRunner', { timeout: 30_000 }, () => {
  async function started(logger = silentLogger): Promise<TestSource> {
    const source = new TestSource();
    const runner = new ConnectorRunner({ connector, source, intake, store, logger, metrics });
    stops.push(() => runner.stop());
    await runner.start();
    return source;
  }

  it('begins where the store says', async () => {
    await intake.takeRecords(connector, 0, [record(0, says('m1', ['a', 'x']))], { expected: null });
    const { options } = await started();
    expect([await options.position(0), await options.position(1)]).toEqual([
      expect.objectContaining({ next: 1 }),
      undefined,
    ]);
    await options.onRecords(0, [record(1, says('m2', ['a', 'y']))], 1);
    expect(await documentOf('a')).toMatchObject({ version: 2, description: 'y' });
  });

  it('D3: repeats nothing when another process has taken the partition over, and goes on where that one was', async () => {
    const { options } = await started();
    await options.position(0);
    await intake.takeRecords(connector, 0, [record(0, says('m1', ['a', 'x']))], { expected: null });
    const records = [record(0, says('m1', ['a', 'x'])), record(1, says('m2', ['a', 'y']))];
    await expect(options.onRecords(0, records, null)).rejects.toBeInstanceOf(PositionMovedError);
    const { next = 0 } = (await options.position(0)) ?? {};
    await options.onRecords(0, records.slice(next), next);
    expect(await documentOf('a')).toMatchObject({ version: 2, description: 'y' });
    expect(await store.positionsOf('lake')).toMatchObject([{ next: 2 }]);
  });

  it('takes many records in over several commits, in order', async () => {
    const { options } = await started();
    await options.position(0);
    await options.onRecords(
      0,
      Array.from({ length: 600 }, (_, i) => record(i, says(`m${i}`, ['a', `${i}`]))),
      null,
    );
    expect(await documentOf('a')).toMatchObject({ version: 600, description: '599' });
  });

  it('says in the log that messages were set aside, once however many they are', async () => {
    const warn = vi.fn<(fields: unknown, text?: string) => void>();
    const { options } = await started({ ...silentLogger, warn });
    await options.onRecords(0, [record(0, says('m1', ['a', 'x'])), record(1, 'broken'), record(2, 'broken')], null);
    await options.onRecords(0, [record(3, 'broken')], 3);
    expect(await store.deadLetters({ tenant: 'acme', limit: 10 })).toHaveLength(3);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ connector: 'lake', topic: 'changes', messages: 2, deadLetter: expect.any(String) }),
      expect.stringContaining('pursight deadletters list'),
    );
  });

  it('counts what is gone at the source', async () => {
    const { options } = await started();
    options.onGap({ partition: 0, expected: 3, found: 10 });
    expect(await metricValue(metrics, 'messagesIn', { result: 'gone-at-source' })).toBe(7);
  });

  it('R4: removes nothing where a newer release has declared what this one does not read', async () => {
    const newer: unknown[] = [];
    const onNewer = (error: unknown): void => void newer.push(error);
    const late = { now: () => clock.now() + 10 * deadLetterLimits.retentionMs };
    const common = { logger: silentLogger, metrics, splitWindowMs: 1, deadLetterLimits, onNewer };
    await store.commit(sampleBatch({ deadLetters: [sampleDeadLetter('acme', 'old')] }));
    const text = await store.putMetaIfAbsent('forms', '{}');
    await store.replaceMeta('forms', text, JSON.stringify({ deadLetter: forms.deadLetter.reads + 1 }));
    await new Housekeeping({ ...common, store, clock: late }).run();
    expect([newer.length, await store.deadLetterCount()]).toEqual([1, 1]);
    await store.replaceMeta('forms', JSON.stringify({ deadLetter: forms.deadLetter.reads + 1 }), '{}');
    await new Housekeeping({ ...common, store, clock: late }).run();
    expect(await store.deadLetterCount()).toBe(0);
  });
});
