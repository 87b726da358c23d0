import { describe, expect, it } from 'vitest';
import { parseConnect, parseUp, subscribeSchema } from './up-schema.ts';

const good = { token: 't', protocol: 1, client: 'bot 1.0' };
const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, i]));

describe('CONNECT', () => {
  it('W12: takes texts for numbers and lists, as clients send that know nothing else', () => {
    const subscriptions = [{ id: 'a', channel: 'assets', filter: { domain: 'hr' } }];
    expect(parseConnect({ ...good, protocol: '1', subscriptions: JSON.stringify(subscriptions) })).toEqual({
      ...good,
      subscriptions,
      agreedProtocol: 1,
    });
    expect(parseConnect({ ...good, protocol: '2', oldestProtocol: '1' })).toMatchObject({ agreedProtocol: 1 });
  });

  it.each([
    ['auth.protocol', { token: 't', client: 'x' }, /^protocol: .*set it to 1$/],
    ['auth.client', { token: 't', protocol: 1 }, /^client: .*say what connects/],
    ['auth.token', { protocol: 1, client: 'x' }, /^auth\.token: missing/],
  ])('says what to set where %s is missing', (_name, auth, message) => {
    expect(() => parseConnect(auth)).toThrow(message);
  });
});

describe('W6: the version of the protocol', () => {
  const two = { oldest: 1, newest: 2 };
  it.each([
    ['a client of the same release', { protocol: 2, oldestProtocol: 1 }, two, 2],
    ['a client that says one version only', { protocol: 1 }, two, 1],
    ['a client one release ahead', { protocol: 3, oldestProtocol: 2 }, two, 2],
    ['a client one release ahead of version 1', { protocol: 2, oldestProtocol: 1 }, { oldest: 1, newest: 1 }, 1],
    ['a client one release behind', { protocol: 2, oldestProtocol: 1 }, { oldest: 2, newest: 3 }, 2],
  ])('is the highest that both speak: %s', (_name, said, spoken, agreed) => {
    expect(parseConnect({ ...good, ...said }, spoken).agreedProtocol).toBe(agreed);
  });

  it.each([
    ['is ahead', { protocol: 3 }, two, 'this hub supports 1 to 2, the client 3'],
    ['is behind', { protocol: 1 }, { oldest: 2, newest: 2 }, 'this hub supports 2, the client 1'],
    ['is far ahead', { protocol: 5, oldestProtocol: 4 }, two, 'this hub supports 1 to 2, the client 4 to 5'],
    // what follows is of a version that the hub cannot read
    ['is ahead and says more', { protocol: 3, subscriptions: [{ to: 'x' }] }, two, 'supports 1 to 2, the client 3'],
  ])('refuses a client that %s, and says what the hub speaks', (_name, said, spoken, message) => {
    expect(() => parseConnect({ ...good, ...said }, spoken)).toThrow(
      expect.objectContaining({
        code: 'unsupported-protocol',
        message: expect.stringContaining(message),
        publicDetails: { protocol: spoken.newest, oldestProtocol: spoken.oldest },
      }),
    );
  });

  it.each([
    [{ protocol: 1.5 }, /^protocol: must be a whole number$/],
    [{ protocol: 1, oldestProtocol: 2 }, /^oldestProtocol: must not be above `protocol`$/],
    [{ oldestProtocol: 'one' }, /^oldestProtocol: must be the oldest protocol/],
  ])('refuses %j', (said, message) => {
    expect(() => parseConnect({ ...good, ...said })).toThrow(message);
  });
});

describe('W16: what the hub does not know', () => {
  it('is ignored in CONNECT, where nothing is agreed yet', () => {
    expect(parseConnect({ ...good, protocol: 2, oldestProtocol: 1, colour: 'red' })).toMatchObject({
      client: 'bot 1.0',
    });
  });

  it.each([
    [
      'a subscription of CONNECT',
      () => parseConnect({ ...good, subscriptions: [{ id: 'a', channel: 'assets', x: 1 }] }),
    ],
    ['subscribe', () => parseUp(subscribeSchema, { id: 'a', channel: 'assets', x: 1 })],
  ])('is refused by name in %s', (_name, parse) => {
    expect(parse).toThrow(/^(message|subscriptions\.0): unknown field "x"; it is not in the negotiated protocol or/);
  });
});

describe('shape and fields of a subscription', () => {
  const wanted = { id: 'a', channel: 'assets' };
  it('are taken as they are; which names there are is said elsewhere', () => {
    const form = { shape: 'entity', fields: ['name', 'anything'] };
    expect(parseUp(subscribeSchema, { ...wanted, ...form })).toEqual({ ...wanted, ...form });
  });

  it.each<[string, unknown]>([
    ['none', []],
    ['too many', Array(33).fill('name')],
    ['one that is too long', ['name', 'x'.repeat(65)]],
    ['one that is no text', ['name', 1]],
    ['no list', 'name'],
    ['thousands, of which none is named', Array(30_000).fill(0)],
  ])('fields are bounded: %s', (_name, fields) => {
    expect(() => parseUp(subscribeSchema, { ...wanted, fields })).toThrow(
      /^fields: must be a list of 1 to 32 names of at most 64 characters; leave it out to get all fields$/,
    );
  });

  it('another shape is refused by name', () => {
    expect(() => parseUp(subscribeSchema, { ...wanted, shape: 'all' })).toThrow(/^shape: /);
  });
});

describe('a message with thousands of fields', () => {
  it.each([
    ['CONNECT', () => parseConnect({ ...good, ...many(8000) })],
    ['a subscription of CONNECT', () => parseConnect({ ...good, subscriptions: [many(8000)] })],
    ['subscribe', () => parseUp(subscribeSchema, { id: 'a', channel: 'assets', ...many(8000) })],
  ])('L3: is refused by their number: %s', (_name, parse) => {
    // the schema would look at each of them, for 25 ms and more, and list them all
    expect(parse).toThrow(/has (8000|8002|8003) fields; at most 32 are allowed$/);
  });
});
