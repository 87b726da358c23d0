import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../adapters/contract/journal-samples.ts';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import { logBatches } from './log-batches.ts';

function logRecord(offset: number): LogRecord {
  const { text: value, event: _event, ...place } = sampleRecord({ offset, partition: 2 });
  return { ...place, value };
}

const records = Array.from({ length: 7 }, (_, index) => logRecord(index + 10));
const bytes = records[0]?.value.length ?? 0;
const roomy = { maxRecords: 100, maxBytes: 1e9 };
const spans = (limits: Partial<typeof roomy>) =>
  logBatches('one', records, { ...roomy, ...limits }, () => undefined).map(({ from, to }) => [from, to]);

describe('logBatches', () => {
  it('makes one batch of what fits into one', () => {
    expect(logBatches('one', records, roomy, () => undefined)).toEqual([
      {
        epoch: 'one',
        partition: 2,
        from: 10,
        to: 17,
        records: Array.from({ length: 7 }, (_, index) => sampleRecord({ offset: index + 10, partition: 2 })),
      },
    ]);
  });

  it('makes none of nothing', () => {
    expect(logBatches('one', [], roomy, () => undefined)).toEqual([]);
  });

  it.each([
    [
      'records',
      { maxRecords: 3 },
      [
        [10, 13],
        [13, 16],
        [16, 17],
      ],
    ],
    [
      'bytes',
      { maxBytes: bytes * 4 + 3 },
      [
        [10, 14],
        [14, 17],
      ],
    ],
    ['bytes, of which one record has more', { maxBytes: 10 }, Array.from({ length: 7 }, (_, i) => [10 + i, 11 + i])],
  ])('cuts by %s, without a hole', (_, limits, expected) => {
    expect(spans(limits)).toEqual(expected);
  });

  it.each(['not json', 'null', '7', '{}', '{"tenant":"acme","subject":"urn:a"}'])(
    'leaves out a record that says %s, but covers it',
    (value) => {
      const foreign: number[] = [];
      const mixed = [logRecord(0), { ...logRecord(1), value }, logRecord(2), { ...logRecord(3), value }];
      const [batch] = logBatches('one', mixed, roomy, ({ offset }) => foreign.push(offset));
      expect([batch?.from, batch?.to, batch?.records.map(({ offset }) => offset), foreign]).toEqual([
        0,
        4,
        [0, 2],
        [1, 3],
      ]);
    },
  );
});
