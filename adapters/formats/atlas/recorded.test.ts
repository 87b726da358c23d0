import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { AtlasEntity } from '../../../test/harness/atlas/atlas-server.ts';
import { bankSuperTypes } from '../../../test/harness/atlas/atlas-types.ts';
import { heldBy, saidBy } from '../../../test/harness/atlas/judge.ts';
import { Catalog } from './catalog-fixture.ts';

interface Recording {
  /** Records of the topic, in their order. */
  readonly records: readonly string[];
  /** What the server said of each entity in the end. */
  readonly entities: readonly AtlasEntity[];
}

// made by test/e2e/atlas.test.ts with PURSIGHT_RECORD_ATLAS=1
const file = new URL('recorded/atlas-2.1.0.json.gz', import.meta.url);
const { records, entities } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Recording;

function read(times = 1): Catalog {
  const catalog = new Catalog(bankSuperTypes);
  for (let time = 0; time < times; time += 1) for (const record of records) catalog.record(Buffer.from(record));
  return catalog;
}

describe('what an Apache Atlas 2.1.0 sent', () => {
  it('has messages of all kinds', () => {
    const all = records.join('\n');
    for (const kind of [
      'ENTITY_CREATE',
      'ENTITY_UPDATE',
      'ENTITY_DELETE',
      'CLASSIFICATION_ADD',
      'CLASSIFICATION_UPDATE',
    ])
      expect(all).toContain(`"operationType":"${kind}"`);
    expect(all).toContain('"msgCompressionKind":"GZIP"');
    expect(all).toContain('"msgSplitCount":2');
    const propagated = entities.filter(({ classifications = [], guid }) =>
      classifications.some(({ entityGuid }) => entityGuid !== guid),
    );
    expect(propagated.length).toBeGreaterThan(1);
  });

  it('makes the catalog that it says it has', () => {
    const catalog = read();
    expect(catalog.waiting).toBe(0);
    for (const entity of entities) expect(heldBy(catalog.asset(entity.guid))).toEqual(saidBy(entity));
  });

  it('makes the same when it is read again from its beginning', () => {
    const catalog = read(2);
    for (const entity of entities) expect(heldBy(catalog.asset(entity.guid))).toEqual(saidBy(entity));
  });
});
