import { expect, it } from 'vitest';
import { compressionCheck, retentionCheck } from './diagnose-topic-settings.ts';

const compression = (type?: string): readonly unknown[] => [
  ...compressionCheck('c', 'changes', new Map(type === undefined ? [] : [['compression.type', type]])),
];

it('every compression of Kafka can be read; one that is not known is a failure that says what to set', () => {
  for (const type of [undefined, 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])
    expect(compression(type)).toEqual([]);
  expect(compression('brotli')).toMatchObject([
    { state: 'fail', found: expect.stringContaining('brotli'), fix: expect.stringContaining('compression.type') },
  ]);
});

it.each([
  [{ 'retention.ms': '-1' }, 0],
  [{ 'retention.ms': '1000', 'retention.bytes': '-1' }, 0],
  [{}, 0],
  [{ 'retention.ms': '999' }, 1],
  [{ 'retention.ms': '-1', 'retention.bytes': '5' }, 1],
])('a log that forgets before the journal does is a warning: %j', (settings, warnings) => {
  const config = new Map(Object.entries(settings));
  expect([...retentionCheck('r', 'events', { config, journalRetentionMs: 1000 })]).toHaveLength(warnings);
});
