import { describe, expect, it } from 'vitest';
import { argvWithIds } from './argv-with-ids.ts';

describe('argvWithIds', () => {
  it('moves an id that begins with a dash behind --', () => {
    expect(argvWithIds(['sessions', 'kick', '-lOlalsTXpoiX7lwAAAB', '--url', 'x'])).toEqual([
      'sessions',
      'kick',
      '--url',
      'x',
      '--',
      '-lOlalsTXpoiX7lwAAAB',
    ]);
    expect(argvWithIds(['kick', '--OlalsTXpoiX7lwAAAB'])).toEqual(['kick', '--', '--OlalsTXpoiX7lwAAAB']);
  });

  it.each([
    ['options', ['ingest', '-', '--format', 'atlas', '--connector', 'x', '-h']],
    ['the value of an option', ['tail', 'assets', '--token', '-lOlalsTXpoiX7lwAAAB']],
    ['what stands behind -- already', ['kick', '--', '-lOlalsTXpoiX7lwAAAB']],
  ])('leaves %s alone', (_, argv) => {
    expect(argvWithIds(argv)).toEqual(argv);
  });
});
