import type { MessagePart } from '../../../channels/ports/message-format.ts';
import { invalid, tooLarge } from '../faults.ts';
import { asText } from '../fields.ts';
import type { Envelope } from './envelope.ts';
import { decodeBase64, gunzip } from '../gunzip.ts';

/** Length that `bytes` bytes have as base64. */
function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function joiner(compression: Envelope['compression'], count: number, maxBytes: number): MessagePart['join'] {
  return (texts) => {
    if (texts.length !== count) throw invalid('the parts', `must be ${count}, not ${texts.length}`);
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length > base64Length(maxBytes)) throw tooLarge('the joined message', maxBytes);
    const bytes = decodeBase64(texts.join(''), 'the joined message');
    return compression === 'GZIP' ? gunzip(bytes, maxBytes, 'the joined message') : bytes;
  };
}

/**
 * A part as the source cut it: the base64 text of the whole inner envelope, cut at arbitrary places. The joined bytes
 * are an envelope of their own, to be normalised again.
 * @throws HubError invalid-message
 */
export function readPart(envelope: Envelope, split: NonNullable<Envelope['split']>, maxBytes: number): MessagePart {
  const text = asText({ value: envelope.body, path: envelope.path }, base64Length(maxBytes));
  return { ...split, text, join: joiner(envelope.compression, split.count, maxBytes) };
}
