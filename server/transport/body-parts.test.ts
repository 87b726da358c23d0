import { expect, it } from 'vitest';
import { BodyParts } from './body-parts.ts';

function taken(parts: BodyParts): Buffer[] {
  const all: Buffer[] = [];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) all.push(Buffer.from(part));
  return all;
}

it('gives small and large chunks in their order, copied', () => {
  const parts = new BodyParts();
  const chunks = [1, 20_000, 5, 7, 16_000, 900, 40_000].map((length, index) => Buffer.alloc(length, index + 1));
  const sent = Buffer.concat(chunks);
  for (const chunk of chunks) {
    parts.push(chunk);
    chunk.fill(0);
  }
  const got = taken(parts);
  expect(Buffer.concat(got).equals(sent)).toBe(true);
  expect(got.length).toBeLessThan(chunks.length);
  expect(parts.shift()).toBeUndefined();
});

it('L5 has a bound for what waits, and for tiny chunks', () => {
  const parts = new BodyParts();
  const chunk = Buffer.alloc(1 << 20);
  for (let count = 0; count < 32; count++) parts.push(chunk);
  expect(() => parts.push(chunk)).toThrow(expect.objectContaining({ code: 'rate-limited', retryable: true }));
  taken(parts);
  parts.push(chunk);
  const tiny = (): void => {
    for (let count = 0; count < 3000; count++) parts.push(Buffer.alloc(1));
  };
  expect(tiny).toThrow(expect.objectContaining({ code: 'message-too-large' }));
});
