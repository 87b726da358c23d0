import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../channels/event/json.ts';
import type { MessagePart } from '../../../channels/ports/message-format.ts';
import { createAtlasFormat } from './atlas-format.ts';
import {
  atlasOrigin,
  atlasProfile,
  envelope,
  gzipped,
  nativeMessage,
  notification,
  splitParts,
  tableHeader,
} from './fixtures.ts';

const format = createAtlasFormat();
const inner = envelope(
  notification('ENTITY_UPDATE', tableHeader({ attributes: { name: 'salden_übersicht', comment: 'täglich' } })),
);

function normalise(value: JsonValue | Uint8Array): ReturnType<typeof format.normalise> {
  return format.normalise(nativeMessage(value), atlasOrigin, atlasProfile);
}

function partOf(value: JsonValue): MessagePart {
  const result = normalise(value);
  if (result.kind !== 'part') throw new Error('expected a part');
  return result.part;
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** As a receiver does: collect by index, join in order. */
function assemble(parts: readonly MessagePart[]): Uint8Array {
  const texts = parts.toSorted((a, b) => a.index - b.index).map((part) => part.text);
  return (parts[0] as MessagePart).join(texts);
}

describe('split messages', () => {
  it.each(['NONE', 'GZIP'] as const)(
    'say the same as the whole in every order of their parts, compression %s',
    (compression) => {
      for (const order of permutations(splitParts(inner, 4, compression))) {
        expect(normalise(assemble(order.map(partOf)))).toEqual(normalise(inner));
      }
    },
  );

  it('are counted from 0 and carry their id', () => {
    expect(splitParts(inner, 3, 'GZIP').map(partOf)).toMatchObject(
      [0, 1, 2].map((index) => ({ index, count: 3, messageId: 'c0ffee00-1111-4222-8333-444455556666_8' })),
    );
  });

  it('atlas-4: come back whole from any cut and any content', () => {
    const run = fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.integer({ min: 2, max: 40 }),
      fc.constantFrom('NONE' as const, 'GZIP' as const),
      (text, count, compression) => {
        const message = envelope(notification('ENTITY_UPDATE', tableHeader({ attributes: { comment: text } })));
        expect(
          JSON.parse(Buffer.from(assemble(splitParts(message, count, compression).map(partOf))).toString()),
        ).toEqual(JSON.parse(JSON.stringify(message)));
      },
    );
    fc.assert(run, { numRuns: 60 });
  });

  it('are refused when a part is missing, repeated or out of order', () => {
    const parts = splitParts(inner, 3, 'GZIP').map(partOf) as [MessagePart, MessagePart, MessagePart];
    const [a, b, c] = parts;
    for (const wrong of [
      [a, b],
      [a, b, b],
      [b, a, c],
      [a, b, c, c],
    ]) {
      expect(() => normalise(a.join(wrong.map((part) => part.text)))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^invalid-(message|json)$/) }),
      );
    }
  });
});

describe('compressed messages', () => {
  it('atlas-3: say the same as plain ones', () => {
    expect(normalise(gzipped(inner))).toEqual(normalise(inner));
  });

  it('may hold no more than the limit, however small they are', () => {
    const bomb = envelope(gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20)).toString('base64'), {
      msgCompressionKind: 'GZIP',
    });
    expect(JSON.stringify(bomb).length).toBeLessThan(100_000);
    expect(() => normalise(bomb)).toThrow(expect.objectContaining({ code: 'message-too-large' }));
  });

  it('may hold no more than the limit when they are split', () => {
    const text = gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20)).toString('base64');
    const part = partOf(
      envelope('AAAA', { msgId: 'b_1', msgSplitIdx: 0, msgSplitCount: 2, msgCompressionKind: 'GZIP' }),
    );
    expect(() => part.join([text.slice(0, 100), text.slice(100)])).toThrow(
      expect.objectContaining({ code: 'message-too-large' }),
    );
    const plain = createAtlasFormat({ maxBytes: 1000 }).normalise(
      nativeMessage(splitParts('x'.repeat(100), 2, 'NONE')[0] as JsonValue),
      atlasOrigin,
      atlasProfile,
    );
    if (plain.kind !== 'part') throw new Error('expected a part');
    expect(() => plain.part.join(['A'.repeat(2000), ''])).toThrow(
      expect.objectContaining({ code: 'message-too-large' }),
    );
  });
});
