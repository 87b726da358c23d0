import { expect, it } from 'vitest';
import { sampleAsset, sampleEvent } from '../../adapters/contract/samples.ts';
import { eventOfText, eventText } from './event-text.ts';

it('gives the JSON of an event, and the event of that text with the very text', () => {
  const event = sampleEvent(sampleAsset('acme', 'urn:a'));
  const text = eventText(event);
  expect(JSON.parse(text)).toEqual(event);
  expect(eventText(event)).toBe(text);
  const spaced = JSON.stringify(event, undefined, 1);
  expect(eventOfText(spaced)).toEqual(event);
  expect(eventText(eventOfText(spaced))).toBe(spaced);
});
