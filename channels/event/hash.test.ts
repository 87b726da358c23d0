import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64url, sha256Text } from './hash.ts';
import { canonicalJson, sameJson, utf8Bytes } from './json.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
);

describe('hash', () => {
  it('is SHA-256 as base64url, as node:crypto has it', () => {
    fc.assert(
      fc.property(
        anyText,
        (text) => sha256Text(text) === createHash('sha256').update(text, 'utf8').digest('base64url'),
      ),
    );
  });

  it('encodes any bytes as Buffer does', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        (bytes) => base64url(bytes) === Buffer.from(bytes).toString('base64url'),
      ),
    );
  });
});

describe('json', () => {
  it('counts bytes as Buffer does', () => {
    fc.assert(fc.property(anyText, (text) => utf8Bytes(text) === Buffer.byteLength(text)));
  });

  it('gives one text to equal values, whatever the order of their keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
          typeof member === 'object' && member !== null && !Array.isArray(member)
            ? Object.fromEntries(Object.entries(member).toReversed())
            : member,
        ) as unknown;
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('calls the same what has one canonical text', () => {
    const odd = fc.constantFrom(
      {},
      { a: undefined },
      { a: null },
      [],
      [[]],
      { 0: 1 },
      [1],
      { a: 1, b: undefined },
      { a: 1 },
    );
    const value = fc.oneof(odd, fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
        expect(sameJson(a, structuredClone(a))).toBe(true);
      }),
    );
  });

  it('keeps the order of lists and leaves undefined out', () => {
    expect(canonicalJson({ b: [2, 1], a: undefined, c: { z: 1, y: null } })).toBe('{"b":[2,1],"c":{"y":null,"z":1}}');
  });
});
