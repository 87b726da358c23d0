import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { ordersUrn } from '../../../test/harness/asset-fixture.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';
import { csvLine, guardedCell, listCell, listOf, plainCell } from './csv-cell.ts';
import { cellOf } from './csv-columns.ts';
import { patchOfCells } from './csv-patch.ts';

const odd = ["'", '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', ' ', 'a', '＝'];
const anyText = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...odd) }));

describe('cells', () => {
  it('S14 no cell is a formula, and each comes back exactly', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(guardedCell(text)).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        expect(plainCell(guardedCell(text))).toBe(text);
      }),
    );
    expect([guardedCell('=1+1'), guardedCell("'=x"), guardedCell("it's"), plainCell("'tis")]).toEqual([
      ...["'=1+1", "''=x", "it's", "'tis"],
    ]);
  });

  it('S14 a line comes back exactly, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 2 }), (cells) => {
        const [row = []] = parse(csvLine(cells), { skip_empty_lines: false });
        expect(row.map(plainCell)).toEqual(cells);
      }),
    );
  });

  it('a list comes back, and spaces around its members do not matter', () => {
    for (const items of [[], ['ada'], ['a;b', 'c"d', 'e f'], ['group:x', "it's"]])
      expect(listOf(listCell(items))).toEqual(items);
    expect(listOf(' ada ;bob;; ada')).toEqual(['ada', 'bob']);
    expect(() => listOf('"ada')).toThrow('Quote');
  });
});

describe('a row', () => {
  const keyed = {
    ...{ urn: 'urn:x', name: 'orders', status: 'active', description: 'old' },
    owners: { bob: { type: 'user', role: 'chief' }, ops: { type: 'group' }, 'group:odd': { type: 'user' } },
    classifications: {
      'pii/email': { state: 'confirmed', origin: 'automated' },
      'pii/name': { state: 'confirmed', origin: 'manual' },
      'geo/city': { state: 'suggested' },
    },
    curated: { classifications: { added: [{ scheme: 'pii', name: 'name', state: 'confirmed' }] } },
  };
  const cells = Object.fromEntries(
    (['name', 'status', 'description', 'owners', 'terms', 'tags'] as const).map((field) => [
      field,
      cellOf(keyed, field),
    ]),
  );

  it('S14 that comes back as it went out says nothing', () => {
    expect(cells).toMatchObject({ owners: 'bob;group:ops;user:group:odd', tags: 'pii/email;pii/name', terms: '' });
    expect(patchOfCells(cells, keyed)).toEqual({});
    expect(patchOfCells({ owners: 'user:group:odd; bob;group:ops', tags: 'pii/name;pii/email' }, keyed)).toEqual({});
  });

  it('says what is different, member by member', () => {
    const edited = {
      ...{ ...cells, status: '', description: '' },
      ...{ owners: 'bob;ops;group:new', terms: 'balance', tags: 'geo/city' },
    };
    expect(patchOfCells(edited, keyed)).toEqual({
      ...{ status: null, description: '' },
      owners: { ops: { type: 'user' }, 'group:odd': null, new: { type: 'group' } },
      terms: { balance: {} },
      classifications: { 'pii/email': { state: 'rejected' }, 'pii/name': null, 'geo/city': { state: 'confirmed' } },
    });
  });

  it('names the cell that is no list', () => {
    expect(() => patchOfCells({ owners: '"ada' }, keyed)).toThrow('owners: must be a list');
  });
});

describe('a download as a table', () => {
  const shop = ordersWorld();
  const table = (path = '/v1/assets', role = 'steward') =>
    shop.world.call('GET', path, { role, headers: { accept: 'text/csv' } });

  it('S14 has what its caller may see, with the tag of the whole', async () => {
    await shop.patch({ description: '=HYPERLINK("x")\n"y"', owners: { ada: {} } });
    const { text, headers, status } = await table();
    expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    const [row] = parse(text, { columns: true, bom: true });
    expect(row).toEqual({
      ...{
        urn: ordersUrn,
        etag: await shop.etagOf(),
        type: 'table',
        name: 'orders',
        status: 'active',
        domain: 'retail',
      },
      ...{ description: `'=HYPERLINK("x")\n"y"`, owners: 'ada;bob', terms: '', tags: '' },
    });
    await shop.world.scan({ type: 'table', name: 'secret', domain: 'hr' }, 'urn:hidden');
    expect(parse((await table('/v1/assets', 'own')).text)).toHaveLength(2);
    expect(parse((await table()).text)).toHaveLength(3);
  });

  it('has the columns that are asked for, and the two by which it can come back', async () => {
    const { text } = await table('/v1/assets?fields=owners,name');
    expect(text).toBe(`\uFEFFurn,etag,owners,name\r\n${csvLine([ordersUrn, await shop.etagOf(), 'bob', 'orders'])}`);
    expect(await table('/v1/assets?fields=columns')).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(await table('/v1/assets?limit=3')).toMatchObject({ status: 400, code: 'invalid-request' });
  });
});
