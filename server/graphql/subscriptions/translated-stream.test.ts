import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/harness/eventually.ts';
import { FakeHttpStream } from '../../../test/harness/fake-http-stream.ts';
import { testTurns } from '../../../test/harness/test-turns.ts';
import type { SseBlock } from './sse-blocks.ts';
import { TranslatedStream } from './translated-stream.ts';

let stream: FakeHttpStream;
let faults: unknown[];

const upper = ({ data }: SseBlock): string => `${data.toUpperCase()};`;
const block = (data: string): string => `event: update\ndata: ${data}\n\n`;

function translatedBy(translate: (block: SseBlock) => string): TranslatedStream {
  return new TranslatedStream(stream, {
    ...{ translate, turns: testTurns(), tenant: 'acme' },
    onFault: (thrown) => faults.push(thrown),
  });
}

beforeEach(() => {
  stream = new FakeHttpStream();
  faults = [];
});

describe('a stream that is translated on its way', () => {
  it('S12 has everything in its order, and ends when it has been translated', async () => {
    const translated = translatedBy(upper);
    for (let index = 0; index < 500; index++) translated.write(block(`a${index}`));
    translated.end();
    expect(stream.ended).toBeUndefined();
    await eventually(() => expect(stream.ended).toBe('end'));
    expect(stream.text).toBe(Array.from({ length: 500 }, (_, index) => `A${index};`).join(''));
  });

  it('S12 a burst that waits is no fault of the client, what is beyond counts as pending', () => {
    const translated = translatedBy(upper);
    translated.write(block('x'.repeat(1000 * 1024)));
    expect(translated.pendingBytes).toBe(0);
    translated.write(block('x'.repeat(100 * 1024)));
    expect(translated.pendingBytes).toBeGreaterThan(50 * 1024);
  });

  it('tells when there is room again', async () => {
    const translated = translatedBy(upper);
    let drained = 0;
    translated.onDrain(() => (drained += 1));
    expect(translated.write(block('a'))).toBe(false);
    await eventually(() => expect(drained).toBe(1));
    expect(translated.pendingBytes).toBe(0);
  });

  it('R1 S12 a block that cannot be translated ends this stream, and is told', async () => {
    const translated = translatedBy((given) => {
      if (given.data === 'bad') throw new Error('cannot');
      return upper(given);
    });
    translated.write(`${block('good')}${block('bad')}${block('late')}`);
    await eventually(() => expect(stream.ended).toBe('abort'));
    expect([stream.text, String(faults)]).toEqual(['GOOD;', 'Error: cannot']);
  });
});
