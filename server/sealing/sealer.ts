import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** What a sealed text is for: one never opens as the other. */
export type SealedKind = 'cursor' | 'handle' | 'ticket' | 'download';

/** Encrypts and authenticates what clients hold for the hub. Any node that knows one of the secrets opens it. */
export interface Sealer {
  seal(kind: SealedKind, bytes: Uint8Array): string;
  /** undefined for what was not sealed with one of the secrets, is damaged, or is of another kind. */
  open(kind: SealedKind, text: string): Uint8Array | undefined;
}

const format = 1;
const [saltBytes, nonceBytes, tagBytes] = [16, 12, 16];
const headBytes = 1 + saltBytes + nonceBytes;
/** With random nonces of 96 bits: by then two of a key are equal with a chance of one in 2^33. */
const sealsPerKey = 2 ** 31;
const maxKeys = 1000;
const cipher = 'aes-256-gcm';

function keyOf(secret: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, 'pursight|seal', 32));
}

/**
 * AES-256-GCM. Each process seals with a key of its own, derived from the secret and a random salt that the text
 * carries, and with random nonces: counters would reveal how much is sealed for others.
 *
 * @param secrets the first seals; the others are those of before a rotation, and only open
 */
export function createSealer(secrets: readonly [string, ...string[]]): Sealer {
  let salt = randomBytes(saltBytes);
  let ownKey = keyOf(secrets[0], salt);
  const keys = new LRUCache<string, readonly Buffer[]>({ max: maxKeys });
  let sealed = 0;

  const keysFor = (foreign: Buffer): readonly Buffer[] => {
    const name = foreign.toString('latin1');
    const held = keys.get(name) ?? secrets.map((secret) => keyOf(secret, foreign));
    keys.set(name, held);
    return held;
  };

  return {
    seal: (kind, bytes) => {
      if (++sealed > sealsPerKey) {
        salt = randomBytes(saltBytes);
        ownKey = keyOf(secrets[0], salt);
        sealed = 1;
      }
      const nonce = randomBytes(nonceBytes);
      const head = Buffer.concat([Buffer.from([format]), salt, nonce]);
      const encryption = createCipheriv(cipher, ownKey, nonce);
      encryption.setAAD(Buffer.from(kind));
      return Buffer.concat([head, encryption.update(bytes), encryption.final(), encryption.getAuthTag()]).toString(
        'base64url',
      );
    },
    open: (kind, text) => {
      const all = Buffer.from(text, 'base64url');
      if (all.length < headBytes + tagBytes || all[0] !== format) return undefined;
      const foreign = all.subarray(1, 1 + saltBytes);
      const nonce = all.subarray(1 + saltBytes, headBytes);
      for (const key of keysFor(foreign)) {
        const opened = decrypt({ kind, key, nonce, sealed: all.subarray(headBytes) });
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
  };
}

function decrypt(options: {
  readonly kind: SealedKind;
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}): Uint8Array | undefined {
  const { kind, key, nonce, sealed } = options;
  const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  decryption.setAAD(Buffer.from(kind));
  decryption.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    return Buffer.concat([decryption.update(sealed.subarray(0, sealed.length - tagBytes)), decryption.final()]);
  } catch {
    return undefined;
  }
}
