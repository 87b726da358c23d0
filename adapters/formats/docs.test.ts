import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../channels/event/json.ts';
import { atlasOrigin, atlasProfile, nativeMessage } from './atlas/fixtures.ts';
import { readBaseline } from './baseline.ts';
import { cloudEvent, eventsProfile, kafkaOrigin, structured } from './cloudevents/fixtures.ts';
import { govTypes } from './cloudevents/gov-type.ts';
import { createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';

const formats = {
  atlas: createAtlasFormat({ superTypes: { IBAN: ['BANK_ID'], BANK_ID: ['PII'] } }),
  cloudevents: createCloudEventsFormat(),
};
const guide = readFileSync('docs/connect-cloudevents.md', 'utf8');

/** Each example with the types that the text before it names. */
const examples = [...guide.matchAll(/^(\*\*gov\.[\s\S]*?)```json\n([\s\S]*?)```/gm)].flatMap(
  ([, before = '', json = '']) =>
    [...(before.split('\n')[0] ?? '').matchAll(/\*\*(gov\.[a-z.]+)\*\*/g)].map(([, type]) => ({
      type: type as string,
      example: JSON.parse(json) as JsonObject,
    })),
);

describe('the connector guides', () => {
  it('show every type', () => {
    expect(examples.map((each) => each.type).toSorted()).toEqual(govTypes.toSorted());
  });

  it.each(examples)('show $type as it is read', ({ type, example }) => {
    const event = 'specversion' in example ? example : cloudEvent(type, example);
    expect(formats.cloudevents.normalise(structured(event), kafkaOrigin, eventsProfile)).toMatchObject({
      kind: 'changes',
      changes: [{ tenant: 'northbank' }],
    });
  });

  it('show an Atlas message and what becomes of it', () => {
    const example = /```json\n([\s\S]*?)```/.exec(readFileSync('docs/connect-atlas.md', 'utf8'))?.[1] ?? '';
    expect(
      formats.atlas.normalise(nativeMessage(new TextEncoder().encode(example)), atlasOrigin, atlasProfile),
    ).toMatchObject({
      changes: [
        {
          urn: 'urn:gov:atlas:northbank:5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d01',
          patch: { type: 'table', platform: 'hive', classifications: { list: [{ scheme: 'atlas', name: 'IBAN' }] } },
        },
      ],
    });
  });

  it('show a line of a baseline', async () => {
    const line = /## Baseline[\s\S]*```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const found: number[] = [];
    for await (const batch of readBaseline(
      (async function* chunks() {
        yield line;
      })(),
      eventsProfile,
    ))
      found.push(batch.length);
    expect(found).toEqual([1]);
  });
});
