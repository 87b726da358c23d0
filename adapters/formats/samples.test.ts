import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../channels/catalog/change.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import { atlasOrigin, atlasProfile, nativeMessage } from './atlas/fixtures.ts';
import { Catalog } from './atlas/catalog-fixture.ts';
import { eventsProfile, httpOrigin, kafkaOrigin } from './cloudevents/fixtures.ts';
import { createAtlasFormat } from './atlas/atlas-format.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';

/** Messages of real systems, kept outside of the project; a checkout without them leaves these tests out. */
const root = '../shared/samples';
const formats = { atlas: createAtlasFormat(), cloudevents: createCloudEventsFormat() };

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

const produced = `${root}/produced/atlas-entities.jsonl`;

describe.skipIf(!existsSync(produced))('what a real Atlas server sent', () => {
  it('is taken in message by message, and every tag is where it was told to be', () => {
    const told = new Catalog();
    for (const line of readFileSync(produced, 'utf8').trim().split('\n')) told.record(Buffer.from(line));
    expect(told.waiting).toBe(0);
    const assets = told.assets();
    const named = (name: string): AssetDocument[] => assets.filter((asset) => asset.name === name);
    expect(named('orders')).toMatchObject([{ status: 'active', type: 'table', aliases: ['bank.orders'] }]);
    expect(named('customers')).toMatchObject([{ status: 'deleted' }]);
    const propagated = assets.flatMap(({ classifications }) => classifications.filter((tag) => tag.from !== undefined));
    expect(propagated.length).toBeGreaterThanOrEqual(4);
    const long = assets.filter(({ description = '' }) => description.includes('… [cut, of '));
    expect(long.map(({ classifications }) => classifications.length)).not.toEqual([]);
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
        changes: [{ patch: { native: { attributes: { id: expect.any(String), source: expect.any(String) } } } }],
      });
    }
  });

  it.each([
    ['001-xml-text-data-null-extension.json', { comexampleextension1: 'value', comexampleothervalue: 5 }],
    ['004-dataref-without-data.json', { dataref: expect.stringContaining('https://') }],
  ])('%s keeps its extension attributes and no others', (name, extensions) => {
    const message = { value: readFileSync(`${root}/cloudevents/${name}`), key: null, headers: {}, timestampMs: 0 };
    expect(formats.cloudevents.normalise(message, kafkaOrigin, eventsProfile)).toMatchObject({
      changes: [{ extensions }],
    });
  });

  it('005-correlation-and-causation.json keeps both', () => {
    const value = readFileSync(`${root}/cloudevents/005-correlation-and-causation.json`);
    const message = { value, key: null, headers: { 'content-type': 'text/plain' }, timestampMs: 0 };
    expect(formats.cloudevents.normalise(message, kafkaOrigin, eventsProfile)).toMatchObject({
      changes: [{ correlationid: 'txn-abc-123', causationid: 'order-123' }],
    });
  });
});
