import { describe, expect, it } from 'vitest';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { atlasOrigin, atlasProfile } from './atlas/fixtures.ts';
import { eventsProfile, kafkaOrigin } from './cloudevents/fixtures.ts';
import { createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';
import { malformedMessages } from './malformed.ts';

const formats = { atlas: createAtlasFormat(), cloudevents: createCloudEventsFormat() };

function failure(run: () => unknown): unknown {
  try {
    return { result: run() };
  } catch (error) {
    return error;
  }
}

describe('malformed messages', () => {
  it('has a table that is worth its name', () => {
    expect(malformedMessages.length).toBeGreaterThanOrEqual(40);
    expect(new Set(malformedMessages.map((each) => each.name)).size).toBe(malformedMessages.length);
  });

  it.each(malformedMessages)('$name is refused as $code', ({ format, message, code, names }) => {
    const [origin, profile] = format === 'atlas' ? [atlasOrigin, atlasProfile] : [kafkaOrigin, eventsProfile];
    const error = failure(() => formats[format].normalise(message, origin, profile));
    expect(error).toBeInstanceOf(HubError);
    expect({ code: (error as HubError).code, message: (error as HubError).message }).toEqual({
      code,
      message: expect.stringContaining(names),
    });
  });
});
