import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testIntake } from '../../test/harness/test-intake.ts';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { samplePartial } from '../../adapters/contract/samples.ts';
import { createCloudEventsFormat } from '../../adapters/formats/cloudevents/cloudevents-format.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { CommitBatch } from '../../channels/ports/document-store.ts';
import type { SourceRecord } from '../../channels/ports/connector-source.ts';
import type { MessageFormat } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { assetChange, minute } from '../../test/harness/changes.ts';
import { metricValue, noneIsNewer, silentLogger } from '../../test/harness/silence.ts';
import { createMetrics } from '../observability/metrics.ts';
import { Housekeeping } from '../worker/housekeeping.ts';
import type { Connector } from './connector.ts';
import type { Intake } from './intake.ts';

const mebibyte = 1024 * 1024;

/** Each message sets one asset to its text; what begins with `part` is a part of a message. */
const plainFormat: MessageFormat = {
  name: 'atlas',
  identifies: false,
  normalise: ({ value }, origin, profile) => {
    const text = Buffer.from(value ?? []).toString();
    const part = /^part (.*) ([0-9]) of ([0-9]) (.*)$/su.exec(text);
    if (part !== null) {
      const [, messageId = '', index, count, own = ''] = part;
      const join_ = (texts: readonly string[]): Uint8Array => Buffer.from(texts.join(''));
      return { kind: 'part', part: { messageId, index: Number(index), count: Number(count), text: own, join: join_ } };
    }
    const fields = { urn: `urn:${text}`, nativeId: text, messageId: text, ordinal: 0, origin, time: minute(0) };
    const { id: connector, tenant } = profile;
    return { kind: 'changes', changes: [assetChange({ name: text }, { ...fields, connector, tenant })] };
  },
  split: () => [],
};
const connectorOf = (format: MessageFormat): Connector => ({
  profile: { id: 'lake', tenant: 'acme', namespace: 'urn:', writes: [], scheme: 'lake' },
  format,
  system: 'lake',
  topic: 'changes',
});
const connector = connectorOf(plainFormat);
const record = (
  offset: number,
  value: string | Uint8Array | null,
  fields: Partial<SourceRecord> = {},
): SourceRecord => ({
  offset,
  value: typeof value === 'string' ? Buffer.from(value) : value,
  key: null,
  headers: {},
  timestampMs: 1000,
  ...fields,
});

let folder: string;
let environment: EmbeddedEnvironment;
let store: CatalogStore;
let metrics: ReturnType<typeof createMetrics>;
/** Looks at what is to be committed, and may refuse it. */
let judge: (batch: CommitBatch) => void;
let commits: number;
const clock = { now: () => Date.UTC(2026, 4, 4), elapsedMs: () => performance.now() };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-poison-'));
  environment = await createEmbeddedEnvironment({ folder });
  store = createEmbeddedCatalogStore({ environment });
  metrics = createMetrics();
  [judge, commits] = [() => {}, 0];
});
afterEach(async () => {
  await environment.close();
  await rm(folder, { recursive: true });
});

function judged(): CatalogStore {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(store)) as (keyof CatalogStore)[];
  const bound = names.map((name) => [name, (store[name] as (...args: unknown[]) => unknown).bind(store)]);
  const commit: CatalogStore['commit'] = async (batch) => {
    commits += 1;
    judge(batch);
    return store.commit(batch);
  };
  return { ...(Object.fromEntries(bound) as unknown as CatalogStore), commit };
}

const createIntake = (): Intake => testIntake({ store: judged(), metrics, clock });

const take = (records: readonly SourceRecord[], of = connector, expected: number | null = null) =>
  createIntake().takeRecords(of, 0, records, { expected });
const hasDocument = async (name: string): Promise<boolean> =>
  (await store.getMany([{ tenant: 'acme', urn: `urn:${name}` }]))[0] !== undefined;
async function letters(): Promise<readonly DeadLetter[]> {
  const found = await store.deadLetters({ tenant: 'acme', limit: 1000 });
  return (await Promise.all(found.map(({ id }) => store.deadLetter('acme', id)))).filter((each) => each !== undefined);
}

/** A store that does not take documents of these names, and says it like that. */
function refuse(names: readonly string[], error: () => Error): void {
  judge = ({ documents }) => {
    if (documents.some(({ document }) => names.some((name) => document.urn === `urn:${name}`))) throw error();
  };
}

describe('I3: a message that the store refuses', { timeout: 60_000 }, () => {
  it.each([
    ['by its size', () => new HubError('limit-exceeded', 'larger than the store takes')],
    ['by a fault that nobody foresaw', () => new TypeError('cannot read properties of null')],
    ['by a fault of encoding', () => new RangeError('Invalid string length')],
  ])('%s is set aside alone, what stands before and behind it is taken in', async (_, error) => {
    refuse(['m7'], error);
    const outcomes = await take(Array.from({ length: 20 }, (__, i) => record(i, `m${i}`)));
    expect(outcomes.map(({ result }) => result)).toEqual(
      Array.from({ length: 20 }, (__, i) => (i === 7 ? 'rejected' : 'accepted')),
    );
    expect(await hasDocument('m6')).toBe(true);
    expect(await hasDocument('m8')).toBe(true);
    expect(await store.positionsOf('lake')).toMatchObject([{ next: 20 }]);
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ origin: { topic: 'changes', partition: 0, offset: 7 }, size: 2 });
    expect(letter?.reason).toContain(error().message);
    expect(Buffer.from(letter?.bytes ?? '', 'base64').toString()).toBe('m7');
    expect(commits).toBeLessThan(20);
    const code = letter?.code ?? '';
    expect(await metricValue(metrics, 'deadLetters', { connector: 'lake', code })).toBe(1);
  });

  it('and others, a batch of nothing else, are all set aside, each in its place', async () => {
    const names = Array.from({ length: 33 }, (_, i) => `m${i}`);
    refuse(names, () => new HubError('limit-exceeded', 'too large'));
    await take(names.map((name, i) => record(i * 2, name)));
    expect((await letters()).map(({ origin }) => origin.offset).toSorted((a = 0, b = 0) => a - b)).toEqual(
      names.map((_, i) => i * 2),
    );
    expect(await store.positionsOf('lake')).toMatchObject([{ next: 65 }]);
  });

  it('with its content is kept without it', async () => {
    judge = ({ documents, deadLetters }) => {
      if (documents.length > 0 || deadLetters.some(({ bytes }) => bytes !== null && bytes !== ''))
        throw new HubError('limit-exceeded', 'too large');
    };
    await take([record(0, 'm0', { headers: { h: 'x' } })]);
    expect(await letters()).toMatchObject([{ bytes: '', headers: {}, cut: { bytes: 2, headers: 1 }, size: 4 }]);
  });

  it('is not blamed for a fault of the moment that nobody foresaw', async () => {
    let calls = 0;
    judge = () => {
      calls += 1;
      // the whole, the first half, and the first message alone
      if (calls <= 3) throw Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET', syscall: 'write' });
    };
    const outcomes = await take(Array.from({ length: 3 }, (_, i) => record(i, `m${i}`)));
    expect(outcomes.map(({ result }) => result)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await letters()).toEqual([]);
  });

  it('is not blamed for a store that is away: nothing is set aside, and all of it comes again', async () => {
    const isAway = (): never => {
      throw new HubError('storage-unavailable', 'away');
    };
    judge = isAway;
    const records = Array.from({ length: 5 }, (_, i) => record(i, `m${i}`));
    await expect(take(records)).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(commits).toBe(1);
    // it goes away between the halves of a batch
    let calls = 0;
    judge = () => {
      calls += 1;
      if (calls === 1) throw new HubError('limit-exceeded', 'too large');
      if (calls > 2) isAway();
    };
    await expect(take(records)).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await letters()).toEqual([]);
    const [position] = await store.positionsOf('lake');
    expect(position).toMatchObject({ next: 3 });
    judge = () => {};
    await take(records.slice(3), connector, 3);
    expect(await hasDocument('m4')).toBe(true);
  });
});

describe('I3: whatever a record holds', { timeout: 60_000 }, () => {
  const manyHeaders = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`h${i}`, 'x'.repeat(600)]));
  const poison: readonly (readonly [string, SourceRecord])[] = [
    ['a tombstone', record(1, null)],
    ['no bytes', record(1, '')],
    ['bytes that are no text', record(1, Buffer.from([0xff, 0xfe, 0x00, 0xc3]))],
    ['a batch that could not be inflated', record(1, 'raw', { unreadable: 'records 1 to 1 cannot be read' })],
    ['a key of a megabyte', record(1, 'x', { key: 'k'.repeat(mebibyte) })],
    ['a megabyte of headers', record(1, 'x', { headers: manyHeaders })],
    ['a header of a megabyte', record(1, 'x', { headers: { h: '\u0000'.repeat(mebibyte) } })],
    ['headers that are no names', record(1, 'x', { headers: { '': '', '\uFFFD': '\uFFFD', $set: 'a.b' } })],
    ['a value of 12 MiB', record(1, Buffer.alloc(12 * mebibyte, 0x61))],
    ['JSON that is nested 100 000 times', record(1, '['.repeat(100_000))],
    ['a number beyond all numbers', record(1, '{"id":1e999}')],
    ['lone surrogates', record(1, '{"id":"\\ud800"}')],
  ];

  it.each(poison)('%s: it is a dead letter, and what stands behind it is taken in', async (_, each) => {
    const real = createCloudEventsFormat();
    const mixed: MessageFormat = {
      ...real,
      normalise: (message, ...rest) =>
        (Buffer.from(message.value ?? [])
          .toString()
          .startsWith('good')
          ? plainFormat
          : real
        ).normalise(message, ...rest),
    };
    const outcomes = await take([record(0, 'good-1'), each, record(2, 'good-2')], connectorOf(mixed));
    expect(outcomes.map(({ result }) => result)).toEqual(['accepted', 'rejected', 'accepted']);
    const [letter] = await letters();
    expect(JSON.stringify(letter).length).toBeLessThan(16 * mebibyte);
    const kept = letter?.bytes === null ? -1 : Buffer.from(letter?.bytes ?? '', 'base64').length;
    expect(kept + (letter?.cut?.bytes ?? 0)).toBe(each.value === null ? -1 : each.value.length);
    expect(Object.keys(letter?.headers ?? {}).length + (letter?.cut?.headers ?? 0)).toBe(
      Object.keys(each.headers).length,
    );
  });

  it.each([-1, 0, Number.NaN, Number.MAX_SAFE_INTEGER, 253_402_300_800_000])(
    'a record of the time %s is taken in at the time at which it is read',
    async (timestampMs) => {
      const times: number[] = [];
      const format: MessageFormat = {
        ...plainFormat,
        normalise: (message, ...rest) => {
          times.push(message.timestampMs);
          return plainFormat.normalise(message, ...rest);
        },
      };
      const [outcome] = await take([record(0, 'm', { timestampMs })], connectorOf(format));
      expect(outcome?.result).toBe('accepted');
      expect(times).toEqual([clock.now()]);
    },
  );

  it('a split message with an id longer than any key is put together', async () => {
    const id = 'x'.repeat(100_000);
    const outcomes = await take([record(0, `part ${id} 0 of 2 who`), record(1, `part ${id} 1 of 2 le`)]);
    expect(outcomes.map(({ result }) => result)).toEqual(['part', 'accepted']);
    expect(await hasDocument('whole')).toBe(true);
    expect(await take([record(2, `part ${id} 0 of 2 who`)], connector, 2)).toMatchObject([{ result: 'part' }]);
  });

  it('parts are bounded in bytes, not in characters', async () => {
    const part = '\u4e2d'.repeat(1_200_000);
    const outcomes = await take(Array.from({ length: 4 }, (_, i) => record(i, `part m ${i} of 4 ${part}`)));
    expect(outcomes).toMatchObject([
      { result: 'part' },
      { result: 'part' },
      { result: 'rejected', error: { code: 'message-too-large' } },
      { result: 'rejected' },
    ]);
  });
});

describe('I3: dead letters', () => {
  it('of the same body with other headers, or at another place, do not overwrite one another', async () => {
    const intake = createIntake();
    const real = connectorOf(createCloudEventsFormat());
    const binary = (subject: string) => ({
      value: null,
      key: null,
      headers: { 'ce-subject': subject },
      timestampMs: 1,
    });
    await intake.takeMessages(real, [binary('a'), binary('b'), binary('a')]);
    expect(await store.deadLetterCount()).toBe(2);
    await take([record(0, 'broken')], real);
    // the topic was deleted and created again
    await store.resetPositions({ connector: 'lake', topic: 'changes' }, []);
    await take([record(0, 'also broken')], real);
    expect(await store.deadLetterCount()).toBe(4);
  });

  const housekeeping = (on: CatalogStore) =>
    new Housekeeping({
      onNewer: noneIsNewer,
      store: on,
      clock,
      logger: silentLogger,
      metrics,
      splitWindowMs: 1000,
      deadLetterLimits: { retentionMs: 1000, maxCount: 5, maxBytes: 1000 },
    });
  const partial = (id: string, fields = {}) =>
    samplePartial(id, { connector: 'lake', firstAt: '2026-05-03T00:00:00.000Z', ...fields });
  const keep = (...ids: readonly string[]) =>
    store.commit({
      documents: [],
      outbox: [],
      positions: [],
      messageIds: [],
      deadLetters: [],
      completedPartials: [],
      partials: ids.map((id) => ({ partial: partial(id), expectedVersion: 0 })),
    });

  it('of split messages with similar ids are two', async () => {
    await keep('lake|a.b', 'lake|a_b');
    await housekeeping(store).run();
    expect((await letters()).map(({ reason }) => reason).toSorted()).toEqual([
      'split message lake|a.b: only 1 of 3 parts came in time',
      'split message lake|a_b: only 1 of 3 parts came in time',
    ]);
  });

  it('one split message that cannot be set aside keeps neither the others nor the rest of housekeeping waiting', async () => {
    await keep('lake|good', 'lake|poison');
    const expired: number[] = [];
    judge = ({ completedPartials }) => {
      if (completedPartials.some(({ id }) => id === 'lake|poison')) throw new Error('never');
    };
    await housekeeping({ ...judged(), expire: async (nowMs) => void expired.push(nowMs) }).run();
    expect((await letters()).map(({ reason }) => reason)).toEqual([
      'split message lake|good: only 1 of 3 parts came in time',
    ]);
    expect(expired).toEqual([clock.now()]);
  });

  it('I10: that are too old or too many are removed and counted', async () => {
    const real = connectorOf(createCloudEventsFormat());
    await take(
      Array.from({ length: 8 }, (_, i) => record(i, `broken ${i}`)),
      real,
    );
    await housekeeping(store).run();
    expect(await store.deadLetterCount()).toBe(5);
    expect(await metricValue(metrics, 'deadLettersDropped', { connector: 'lake', reason: 'quota' })).toBe(3);
    expect(await metricValue(metrics, 'deadLettersHeld')).toBe(5);
    const later = new Housekeeping({
      onNewer: noneIsNewer,
      store,
      clock: { now: () => clock.now() + 1001 },
      logger: silentLogger,
      metrics,
      splitWindowMs: 1000,
      deadLetterLimits: { retentionMs: 1000, maxCount: 5, maxBytes: 1000 },
    });
    await later.run();
    expect(await metricValue(metrics, 'deadLettersDropped', { connector: 'lake', reason: 'age' })).toBe(5);
    expect(await store.deadLetterCount()).toBe(0);
  });
});

describe('I5: an id that comes again on a topic', () => {
  const event = (id: string, source: string, domain: string): string =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source,
      type: 'gov.asset.updated',
      subject: 'orders',
      time: '2026-05-04T00:00:00Z',
      data: { asset: { type: 'table', name: 'orders', domain } },
    });
  const cloudEvents = (): Connector => ({
    ...connectorOf(createCloudEventsFormat()),
    profile: { id: 'lake', tenant: 'acme', namespace: 'urn:gov:lake', writes: [], scheme: 'lake' },
  });
  const headers = { 'content-type': 'application/cloudevents+json' };
  const domain = async (): Promise<unknown> => {
    const [document] = await store.getMany([{ tenant: 'acme', urn: 'urn:gov:lake:orders' }]);
    return (document as { readonly domain?: unknown } | undefined)?.domain;
  };

  it('counts once: in a batch, later, and by HTTP', async () => {
    const of = cloudEvents();
    const send = (offset: number, ...texts: readonly string[]) =>
      take(
        texts.map((text, i) => record(offset + i, text, { headers })),
        of,
        offset === 0 ? null : offset,
      );
    const results = async (...args: Parameters<typeof send>): Promise<readonly string[]> =>
      (await send(...args)).map(({ result }) => result);
    expect(
      await results(0, event('d1', '/s', 'retail'), event('d2', '/s', 'cards'), event('d1', '/s', 'retail')),
    ).toEqual(['accepted', 'accepted', 'duplicate']);
    expect(await domain()).toBe('cards');
    expect(await results(3, event('d1', '/s', 'retail'))).toEqual(['duplicate']);
    expect(await domain()).toBe('cards');
    expect(await results(4, event('d1', '/other', 'loans'))).toEqual(['accepted']);
    const value = Buffer.from(event('d2', '/s', 'cards'));
    const byHttp = await createIntake().takeMessages(of, [{ value, key: null, headers, timestampMs: 1 }]);
    expect(byHttp).toMatchObject([{ result: 'duplicate' }]);
    expect(await store.positionsOf('lake')).toMatchObject([{ next: 5 }]);
  });
});
