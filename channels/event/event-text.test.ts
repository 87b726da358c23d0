import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { eventText, parsedEventOf } from './event-text.ts';

it('gives the JSON of an event, and the event of that text with the very text', () => {
  const event = sampleEvent(sampleAsset('acme', 'urn:a'));
  const text = eventText(event);
  expect(JSON.parse(text)).toEqual(event);
  expect(eventText(event)).toBe(text);
  const spaced = JSON.stringify(event, undefined, 1);
  const parsed = parsedEventOf(spaced);
  expect(parsed).toEqual(event);
  expect(parsed && eventText(parsed)).toBe(spaced);
});

it.each(['{"cut', '{}', '[]', 'null', '{"v":2,"tenant":"acme"}'])('gives nothing for %s, which is no event', (text) => {
  expect(parsedEventOf(text)).toBeUndefined();
});
