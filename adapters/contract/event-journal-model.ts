import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Coverage, EventJournal, JournalRecord } from '../../channels/ports/event-journal.ts';
import type { OpenedJournal } from './journal-context.ts';
import { batchOf, sampleEpoch, sampleRecord } from './journal-samples.ts';

const partitions = 2;
const length = 24;
const tenants = ['acme', 'globex'];
const domains = ['sales', 'risk', undefined];

type Log = readonly (readonly JournalRecord[])[];

/** Each entry: which entity changes, into which domain, and whether an earlier record stands here once more. */
const anyLog: fc.Arbitrary<Log> = fc
  .array(
    fc.array(
      fc.record({
        entity: fc.nat(3),
        domain: fc.nat(2),
        again: fc.option(fc.nat(30), { freq: 4 }),
        laterMs: fc.nat(3),
      }),
      { minLength: length, maxLength: length },
    ),
    { minLength: partitions, maxLength: partitions },
  )
  .map((all) =>
    all.map((entries, partition) => {
      const records: JournalRecord[] = [];
      const heads = new Map<number, { readonly version: number; readonly domain: string | undefined }>();
      let atMs = 1000;
      for (const [offset, { entity, domain: choice, again, laterMs }] of entries.entries()) {
        atMs += laterMs;
        const repeated = again === null ? undefined : records[offset - 1 - again];
        if (repeated !== undefined) {
          records.push({ ...repeated, offset, appendedAtMs: atMs });
          continue;
        }
        const last = heads.get(entity);
        const domain = domains[choice];
        const next = { version: (last?.version ?? 0) + 1, domain };
        heads.set(entity, next);
        const fields = { partition, offset, atMs, version: next.version, ...(domain === undefined ? {} : { domain }) };
        const before = last === undefined ? null : { domain: last.domain ?? null };
        const tenant = tenants[entity % 2] ?? 'acme';
        records.push(sampleRecord({ ...fields, tenant, urn: `urn:p${partition}:e${entity}`, before }));
      }
      return records;
    }),
  );

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('next' as const), partition: fc.nat(1), count: fc.nat(6) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('any' as const),
      partition: fc.nat(1),
      from: fc.nat(length),
      count: fc.nat(6),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('retain' as const), beforeMs: fc.integer({ min: 1000, max: 1040 }) }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

function identity({ event }: JournalRecord): string {
  return `${event.tenant}|${event.subject}|${event.data.version}`;
}

/** Where each event of the log stands first: there it must be found while that is covered. */
function firstOf(log: Log): readonly JournalRecord[] {
  const seen = new Set<string>();
  return log.flat().filter((record) => !seen.has(identity(record)) && seen.add(identity(record)));
}

/** The journal as its promises describe it: coverage, and from it what a read must give. */
class Model {
  readonly #coverage: (Coverage | undefined)[] = [];
  readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  get coverage(): readonly Coverage[] {
    return this.#coverage.filter((each) => each !== undefined);
  }

  of(partition: number): Coverage {
    return this.#coverage[partition] ?? { partition, low: 0, high: 0 };
  }

  write(partition: number, from: number, to: number): void {
    const held = this.#coverage[partition];
    this.#coverage[partition] =
      held === undefined || from > held.high
        ? { partition, low: from, high: to }
        : { partition, low: held.low, high: Math.max(held.high, to) };
  }

  /**
   * How far `low` may rise: past the last old event that it kept at least, up to the first young one at most. What lies
   * between are repetitions, which an implementation may have or not.
   */
  retained(beforeMs: number, actual: readonly Coverage[]): void {
    for (const { partition, low, high } of actual) {
      const held = this.of(partition);
      const young = this.log[partition]?.find((record) => record.appendedAtMs >= beforeMs)?.offset ?? length;
      const old = firstOf(this.log).filter(
        ({ partition: p, offset }) => p === partition && offset < Math.min(young, held.high),
      );
      const least = Math.max(held.low, (old.at(-1)?.offset ?? -1) + 1);
      expect(low).toBeGreaterThanOrEqual(least);
      expect(low).toBeLessThanOrEqual(Math.max(held.low, Math.min(young, held.high)));
      expect(high).toBe(held.high);
      this.#coverage[partition] = { partition, low, high };
    }
  }

  covers({ partition, offset }: JournalRecord): boolean {
    const { low, high } = this.of(partition);
    return offset >= low && offset < high;
  }
}

async function take(journal: EventJournal, model: Model, step: Step): Promise<void> {
  if (step.kind === 'retain') {
    await journal.retain(step.beforeMs, 1000);
    model.retained(step.beforeMs, await journal.coverage(sampleEpoch));
  } else {
    const { partition } = step;
    const from = step.kind === 'next' ? model.of(partition).high : step.from;
    const to = Math.min(length, from + step.count);
    if (to < from) return;
    await journal.write([batchOf(model.log[partition]?.slice(from, to) ?? [], { partition, from, to })]);
    model.write(partition, from, to);
  }
  expect(await journal.coverage(sampleEpoch)).toEqual(model.coverage);
}

/** Everything that must be found is, and what is found is in the log, in order, each event once. */
function check(
  found: readonly JournalRecord[],
  must: readonly JournalRecord[],
  { log }: Model,
  tenant: string,
  from: number,
): void {
  for (const record of found) expect(record).toEqual(log[record.partition]?.[record.offset]);
  expect(found.every(({ event, offset }) => event.tenant === tenant && offset >= from)).toBe(true);
  expect(new Set(found.map(identity)).size).toBe(found.length);
  const places = new Set(found.map(({ offset }) => offset));
  expect(must.filter(({ offset }) => !places.has(offset))).toEqual([]);
  expect([...places]).toEqual([...places].toSorted((a, b) => a - b));
}

async function compareReads(journal: EventJournal, model: Model): Promise<void> {
  const first = firstOf(model.log).filter((record) => model.covers(record));
  for (const { partition, low, high } of model.coverage) {
    for (const tenant of tenants) {
      const query = { epoch: sampleEpoch, partition, from: low, to: high, tenant };
      const own = first.filter((record) => record.partition === partition && record.event.tenant === tenant);
      const all = await journal.read({ ...query, limit: 1000 });
      check(all, own, model, tenant, low);
      expect(await journal.read({ ...query, limit: 2 })).toEqual(all.slice(0, 2));
      const terms = [{ field: 'domain', value: 'sales' }];
      const sales = own.filter(({ event: { data } }) =>
        [data.heads.before, data.heads.after].some((head) => head?.domain === 'sales'),
      );
      check(await journal.read({ ...query, terms, limit: 1000 }), sales, model, tenant, low);
    }
  }
}

async function compareLatest(journal: EventJournal, model: Model): Promise<void> {
  const first = firstOf(model.log).filter((record) => model.covers(record));
  for (const tenant of tenants) {
    const urns = [...new Set(model.log.flat().map(({ event }) => event.subject))];
    const found = await journal.latest(sampleEpoch, tenant, urns);
    const versionOf = new Map(found.map(({ event }) => [event.subject, event.data.version]));
    expect(versionOf.size).toBe(found.length);
    const older = first.filter(
      ({ event }) => event.tenant === tenant && (versionOf.get(event.subject) ?? 0) < event.data.version,
    );
    expect(older).toEqual([]);
    for (const record of found) expect(record).toEqual(model.log[record.partition]?.[record.offset]);
  }
}

/** Any sequence of writes and retention, compared with what the promises say. */
export function registerModelTests(create: () => Promise<OpenedJournal>, runs: number): void {
  it('does what the model does', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.array(anyStep, { minLength: 4, maxLength: 14 }), async (log, steps) => {
        const { journal, dispose } = await create();
        try {
          const model = new Model(log);
          for (const step of steps) await take(journal, model, step);
          await compareReads(journal, model);
          await compareLatest(journal, model);
        } finally {
          await dispose();
        }
      }),
      { numRuns: runs },
    );
  });
}
