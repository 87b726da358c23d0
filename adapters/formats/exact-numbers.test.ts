import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Told } from './atlas/told-fixture.ts';
import * as atlas from './atlas/fixtures.ts';
import { cloudEvent, eventsProfile, kafkaOrigin, structured } from './cloudevents/fixtures.ts';
import { isExact, mayHoldInexact, withExactNumbers } from './exact-numbers.ts';
import { createCloudEventsFormat } from './cloudevents/cloudevents-format.ts';
import { parseJson } from './parse-json.ts';

const altered = [
  '12345678901234567890',
  '-9007199254740993',
  '9007199254740993.0',
  '1152921504606846976',
  '1e400',
  '-1E+400',
  '1e-400',
  '0.1000000000000000055',
  '3.141592653589793238462643',
  '123456789.123456789123',
  `1${'0'.repeat(400)}`,
  '1e99999999999999999999',
];
const kept = [
  '0',
  '-0',
  '0.0e5',
  '42',
  '1.10',
  '1e2',
  '1E-7',
  '1767688200123',
  '9007199254740991',
  '100000000000000000000',
  '0.1',
  '1.7976931348623157e308',
  '1000000.000000000000000000',
];

describe('I22: numbers of a message', () => {
  it.each(altered)('%s is kept to the last digit', (text) => {
    expect(isExact(text)).toBe(false);
    for (const json of [text, `[1,${text}]`, `{"a":${text}}`, `{"a": [ ${text} ,"1e400"]}`, `\n${text} `])
      expect(JSON.stringify(parseJson(json))).toContain(`{"exactNumber":"${text}"}`);
  });

  it.each(kept)('%s stays a number', (text) => {
    expect(parseJson(`{"a":${text}}`)).toEqual({ a: JSON.parse(text) });
  });

  it('any double stays a number, and no text is altered', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, (any) => {
        const text = JSON.stringify(any);
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    const text = '{"a":"12345678901234567890, 1e400","12345678901234567890":"\\"1e400"}';
    expect(withExactNumbers(text)).toBe(text);
  });

  it('any number comes out with the value that it had', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 30n });
    fc.assert(
      fc.property(digits, fc.integer({ min: -330, max: 330 }), (whole, exponent) => {
        const text = `${whole}e${exponent}`;
        const value = parseJson(text);
        if (typeof value === 'number') expect(isExact(text)).toBe(true);
        else expect(value).toEqual({ exactNumber: text });
      }),
    );
  });

  it.each(['01234567890123456789', '{12345678901234567890:1}', '1e400e1', '[1e400 1]', '-', '1.'.padEnd(30, '1.')])(
    '%s is no JSON still',
    (text) => {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'invalid-json' }));
    },
  );

  it('are refused when they are nothing but that', () => {
    expect(() => parseJson(`[${'1e400,'.repeat(20_000)}1]`)).toThrow(
      expect.objectContaining({ code: 'limit-exceeded', message: expect.stringContaining('numbers') }),
    );
  });

  it('ordinary messages are not looked at twice', () => {
    const message = atlas.envelope(atlas.notification('CLASSIFICATION_ADD', atlas.tableHeader()));
    expect(mayHoldInexact(JSON.stringify(message))).toBe(false);
    expect(mayHoldInexact(JSON.stringify(message, null, 2))).toBe(false);
    expect(mayHoldInexact(JSON.stringify(cloudEvent('gov.domain.changed', { domain: 'x' })))).toBe(false);
  });
});

describe('I22: numbers that no double holds', () => {
  const format = createCloudEventsFormat();
  const event = (type: string, json: string, members = {}): (() => unknown) => {
    const text = JSON.stringify(cloudEvent(type, '#', members)).replace('"#"', json);
    return () => format.normalise(structured(new TextEncoder().encode(text)), kafkaOrigin, eventsProfile);
  };

  it('atlas-29: are kept in attributes of Atlas', () => {
    const message = atlas.envelope(
      atlas.notification('ENTITY_UPDATE', atlas.tableHeader({ attributes: { lsn: '#' } })),
    );
    const text = JSON.stringify(message).replace('"#"', '18446744073709551617');
    expect(new Told().message(parseJson(text)).properties).toEqual({ lsn: { exactNumber: '18446744073709551617' } });
  });

  it('are kept in properties and data of events', () => {
    expect(event('gov.property.changed', '{"properties":{"a":1e400,"b":[0.1000000000000000055]}}')()).toMatchObject({
      changes: [
        { patch: { properties: { a: { exactNumber: '1e400' }, b: [{ exactNumber: '0.1000000000000000055' }] } } },
      ],
    });
    expect(event('com.shop.order', '{"total":12345678901234567890}')()).toMatchObject({
      changes: [{ patch: { native: { data: { total: { exactNumber: '12345678901234567890' } } } } }],
    });
  });

  it.each([
    ['gov.incident.changed', '{"severity":12345678901234567890}', 'data.severity'],
    ['gov.domain.changed', '{"domain":12345678901234567890}', 'data.domain'],
    [
      'gov.asset.updated',
      '{"asset":{"classifications":[{"name":"pii","level":1e400}]}}',
      'data.asset.classifications[0].level',
    ],
  ])('are refused by name where %s needs something else', (type, json, names) => {
    expect(event(type, json)).toThrow(
      expect.objectContaining({ code: 'invalid-message', message: expect.stringContaining(names) }),
    );
  });
});
