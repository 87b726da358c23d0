import { expect, it } from 'vitest';
import { asError, codeOf, messageOf } from './thrown.ts';

it('leaves an error as it is', () => {
  const error = new TypeError('no such thing');
  expect(asError(error)).toBe(error);
  expect(messageOf(error)).toBe('no such thing');
});

it('makes an error of anything else, with it as the cause', () => {
  expect(asError('broken')).toMatchObject({ message: 'broken', cause: 'broken' });
  expect(messageOf(undefined)).toBe('undefined');
});

it('gives the code of an error only where it is a text', () => {
  expect(codeOf(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect(codeOf(Object.assign(new Error('gone'), { code: 30 }))).toBeUndefined();
  expect(codeOf(new Error('gone'))).toBeUndefined();
  expect(codeOf({ code: 'ENOENT' })).toBeUndefined();
});
