import { describe, expect, it } from 'vitest';
import { sampleAlert, sampleAsset } from '../../adapters/contract/samples.ts';
import type { AssetDocument, Column, SourcedClassification } from './document.ts';
import { channelFilter } from '../subscription/channel-name.ts';
import { compileFilter } from '../subscription/compile-filter.ts';
import { parseFilter } from '../subscription/parse-filter.ts';
import { headOf } from './head-of.ts';

const tag = (name: string, fields: Partial<SourcedClassification> = {}): SourcedClassification => ({
  scheme: 'pii',
  name,
  origin: 'manual',
  state: 'confirmed',
  connector: 'atlas',
  ...fields,
});
const column = (name: string, ...classifications: readonly SourcedClassification[]): Column => ({
  key: name,
  name,
  classifications,
});
const head = (fields: Partial<AssetDocument>) => headOf(sampleAsset('acme', 'urn:gov:orders', fields));

describe('headOf', () => {
  it('D8: names every tag of any column, so that policy on heads can judge the whole document', () => {
    const { tags, columnClassifications, classifications } = head({
      classifications: [tag('table')],
      columns: [column('a', tag('phone')), column('b', tag('email'), tag('phone'))],
    });
    expect(tags).toEqual(['pii/email', 'pii/phone', 'pii/table']);
    expect(columnClassifications.map((item) => item.name)).toEqual(['email', 'phone']);
    expect(classifications.map((item) => item.name)).toEqual(['table']);
  });

  it.each([
    [
      'the higher level wins among equals',
      [tag('email', { level: 1 }), tag('email', { level: 3, connector: 'b' })],
      { level: 3 },
    ],
    ['some level wins over none', [tag('email'), tag('email', { level: 0, connector: 'b' })], { level: 0 }],
  ])('when two connectors say the same tag, %s, in either order', (_name, said, expected) => {
    expect(head({ classifications: said }).classifications).toEqual([expect.objectContaining(expected)]);
    expect(head({ classifications: said.toReversed() }).classifications).toEqual([expect.objectContaining(expected)]);
  });

  it('P11 S3 a suggestion stands beside what is confirmed: its level grants nothing, and goes on denying', () => {
    const items = [tag('email', { level: 9, state: 'suggested' }), tag('email', { level: 1, connector: 'b' })];
    for (const said of [items, items.toReversed()]) {
      const { classifications, tags, confirmedTags } = head({ classifications: said });
      expect(classifications).toMatchObject([
        { level: 1, state: 'confirmed' },
        { level: 9, state: 'suggested' },
      ]);
      expect([tags, confirmedTags]).toEqual([['pii/email'], ['pii/email']]);
    }
  });

  it('sorts owners, each once, and writes null for what is absent', () => {
    const owners = [
      { id: 'zoe', type: 'user' },
      { id: 'ada', type: 'user' },
      { id: 'zoe', type: 'group' },
    ] as const;
    expect(head({ owners, parent: 'urn:gov:db' })).toMatchObject({
      owners: ['ada', 'zoe'],
      fqn: null,
      platform: null,
      domain: null,
      severity: null,
      refs: ['urn:gov:db'],
    });
  });

  it('routes an alert by assignees, severity and subject', () => {
    expect(
      headOf(sampleAlert('acme', 'urn:gov:alert', { assignees: ['ada'], severity: 9, subject: 'urn:gov:orders' })),
    ).toMatchObject({
      kind: 'alert',
      owners: ['ada'],
      severity: 9,
      refs: ['urn:gov:orders'],
      status: 'open',
      tags: [],
    });
  });

  it('holds no connector of a tag and no attribute', () => {
    expect(
      Object.keys(
        head({ classifications: [tag('email', { attributes: { a: 1 }, from: 'urn:gov:x' })] }).classifications[0]!,
      ).toSorted(),
    ).toEqual(['level', 'name', 'origin', 'scheme', 'state']);
  });
});

it('P4: texts that look the same are the same in a head, and so in filters and policy', () => {
  const [composed, decomposed] = ['Vertr\u00e4ge', 'Vertra\u0308ge'];
  const { head } = sampleAsset('acme', 'urn:x', {
    domain: decomposed,
    name: decomposed,
    owners: [{ id: decomposed, kind: 'user' }],
    classifications: [
      { scheme: decomposed, name: decomposed, origin: 'manual', state: 'confirmed', connector: 'c', from: 'c' },
    ],
  } as never);
  expect([head.domain, head.name, head.owners, head.tags]).toEqual([
    composed,
    composed,
    [composed],
    [`${composed}/${composed}`],
  ]);
  for (const written of [composed, decomposed]) {
    expect(compileFilter(parseFilter({ domain: written, tags: `${written}/${written}` }))(head)).toBe(true);
    expect(compileFilter(channelFilter(`domain:${written}`))(head)).toBe(true);
  }
});
