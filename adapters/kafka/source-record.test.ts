import type { KafkaMessage } from 'kafkajs';
import { expect, it } from 'vitest';
import { toSourceRecord } from './source-record.ts';

const message = (fields: object): KafkaMessage =>
  ({ offset: '7', timestamp: '5', key: null, value: null, attributes: 0, headers: {}, ...fields }) as KafkaMessage;

it('I3: takes headers without a value, that stand several times, or whose name is no text', () => {
  const headers = {
    Trace: null,
    file: undefined,
    twice: [Buffer.from('a'), null],
    last: [null, Buffer.from('b')],
    '\uFFFD': Buffer.from([0xff]),
    none: [],
  };
  expect(toSourceRecord(message({ headers }))).toEqual({
    offset: 7,
    timestampMs: 5,
    key: null,
    value: null,
    headers: { trace: '', file: '', twice: '', last: 'b', '\uFFFD': '\uFFFD', none: '' },
  });
});

it('keeps a header that is named like a member of every object', () => {
  const headers = Object.fromEntries([['__proto__', Buffer.from('x')]]);
  expect(JSON.stringify(toSourceRecord(message({ headers })).headers)).toBe('{"__proto__":"x"}');
});

it('I3: says of a batch that could not be read why, and keeps its bytes', () => {
  const unreadable = { firstOffset: 5, lastOffset: 7, reason: 'records 5 to 7 cannot be read' };
  expect(toSourceRecord(message({ value: Buffer.from('raw'), unreadable }))).toMatchObject({
    offset: 7,
    value: Buffer.from('raw'),
    unreadable: 'records 5 to 7 cannot be read',
  });
});
