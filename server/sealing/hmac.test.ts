import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHmacOf } from './hmac.ts';

it('is HMAC-SHA-256, whatever the text and whatever was hashed before', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ minLength: 900, maxLength: 5000 }));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(text, { maxLength: 5 }), (key, texts) => {
      const hmacOf = createHmacOf(key);
      for (const each of texts) expect(hmacOf(each)).toBe(createHmac('sha256', key).update(each).digest('base64url'));
    }),
  );
});
