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
    });
  });

  it.each([
    ['auth.protocol', { token: 't', client: 'x' }, /^protocol: .*set it to 1$/],
    ['auth.client', { token: 't', protocol: 1 }, /^client: .*say what connects/],
    ['auth.token', { protocol: 1, client: 'x' }, /^auth\.token: missing/],
  ])('says what to set where %s is missing', (_name, auth, message) => {
    expect(() => parseConnect(auth)).toThrow(message);
  });
});

describe('a message with thousands of fields', () => {
  it.each([
    ['CONNECT', () => parseConnect({ ...good, ...many(8000) })],
    ['a subscription of CONNECT', () => parseConnect({ ...good, subscriptions: [many(8000)] })],
    ['subscribe', () => parseUp(subscribeSchema, { id: 'a', channel: 'assets', ...many(8000) })],
  ])('L3: is refused by their number: %s', (_name, parse) => {
    // the schema would look at each of them, for 25 ms and more, and list them all
    expect(parse).toThrow(/has (8000|8002|8003) fields; none of this protocol has more than 32$/);
  });
});
