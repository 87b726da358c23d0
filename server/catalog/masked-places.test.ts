import { expect, it } from 'vitest';
import { sampleAsset } from '../../adapters/contract/samples.ts';
import { identityMask, type Mask } from '../../channels/wire/mask.ts';
import { assertUnmasked, replacedPlaces } from './masked-places.ts';

const asset = {
  ...sampleAsset('acme', 'urn:gov:orders'),
  owners: [],
  columns: [{ key: 'k', name: 'id', classifications: [] }],
};
const mask: Mask = {
  ...identityMask,
  key: 'some',
  document: (document) => {
    if (document.kind !== 'asset') return document;
    const { description: _description, ...rest } = document;
    return { ...rest, owners: [], columns: rest.columns.map((column) => ({ ...column, description: '' })) };
  },
};

it.each([
  ['description', '/description', undefined, true],
  ['owners', '/owners/ada', undefined, true],
  ['columns.description', '/columns/id/description', 'k', true],
  ['domain', '/domain', undefined, false],
  ['terms', '/terms/t', undefined, false],
  ['columns.classifications', '/columns/id/classifications/a~1b', 'k', false],
] as const)(
  'nobody writes over what is masked for him, also where there is nothing: %s',
  (field, path, column, isMasked) => {
    const places = [{ field, path, ...(column === undefined ? {} : { column }) }];
    const act = (): void => assertUnmasked(asset, mask, places);
    if (isMasked)
      expect(act).toThrow(expect.objectContaining({ code: 'forbidden', message: `${path}: it is masked for you` }));
    else expect(act).not.toThrow();
    expect(() => assertUnmasked(asset, identityMask, places)).not.toThrow();
  },
);

it('who does not see all of an asset does not replace it', () => {
  expect(() => replacedPlaces(asset, mask)).toThrow('use PATCH');
  expect(replacedPlaces(asset, identityMask)).toEqual([]);
});
