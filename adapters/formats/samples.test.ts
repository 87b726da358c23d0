import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../channels/catalog/change.ts';
import { atlasOrigin, atlasProfile, nativeMessage } from './atlas/fixtures.ts';
import { eventsProfile, httpOrigin } from './cloudevents/fixtures.ts';
import { createFormats } from './formats.ts';

/** Messages of real systems, kept outside of the project; a checkout without them leaves these tests out. */
const root = '../shared/samples';
const formats = createFormats();

function files(folder: string): readonly string[] {
  return existsSync(`${root}/${folder}`)
    ? readdirSync(`${root}/${folder}`)
        .filter((name) => name.endsWith('.json'))
        .toSorted()
    : [];
}

function atlasChanges(name: string): readonly Change[] {
  const result = formats.atlas.normalise(
    nativeMessage(readFileSync(`${root}/atlas/${name}`)),
    atlasOrigin,
    atlasProfile,
  );
  return result.kind === 'changes' ? result.changes : [];
}

describe.skipIf(files('atlas').length === 0)('sampled Atlas messages', () => {
  it.each(files('atlas').filter((name) => !name.includes('hook')))('%s is one change', (name) => {
    expect(atlasChanges(name)).toMatchObject([{ target: 'asset', action: 'upsert', patch: { type: 'dataset' } }]);
  });

  it.each(files('atlas').filter((name) => name.includes('hook')))('%s is a request, not a fact', (name) => {
    expect(() => atlasChanges(name)).toThrow(expect.objectContaining({ code: 'unsupported-message' }));
  });
});

describe.skipIf(files('cloudevents').length === 0)('sampled events', () => {
  it.each(files('cloudevents'))('%s is kept as it is', (name) => {
    const body = readFileSync(`${root}/cloudevents/${name}`);
    const type = body.toString().trimStart().startsWith('[')
      ? 'application/cloudevents-batch+json'
      : 'application/cloudevents+json';
    const messages = formats.cloudevents.split(body, { 'content-type': type });
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) {
      expect(formats.cloudevents.normalise(message, httpOrigin, eventsProfile)).toMatchObject({
        changes: [{ patch: { native: {} } }],
      });
    }
  });
});
