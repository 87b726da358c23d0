import { expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';

it.each([
  ['no proxy: nothing that the client says counts', 0, '6.6.6.6', '10.0.0.9'],
  ['one proxy wrote the last entry', 1, '6.6.6.6, 1.2.3.4', '1.2.3.4'],
  ['two proxies: the outer one wrote the last but one', 2, '6.6.6.6, 1.2.3.4, 10.0.0.1', '1.2.3.4'],
  ['fewer entries than proxies', 2, '1.2.3.4', '10.0.0.9'],
  ['no header', 1, undefined, '10.0.0.9'],
  ['an empty entry', 1, '1.2.3.4, ', '10.0.0.9'],
  ['an entry that is no address', 1, 'x'.repeat(65), '10.0.0.9'],
])('L1: %s', (_name, proxies, header, expected) => {
  expect(clientAddress('10.0.0.9', header, proxies)).toBe(expected);
});
