import { describe, expect, it } from 'vitest';
import { HubError } from '../channels/protocol/hub-error.ts';
import { importParts, inFile } from './import.ts';

const line = (index: number): string => JSON.stringify({ id: `a/${index}`, name: 'x'.repeat(20) });

describe('importParts', () => {
  it('cuts between lines and knows where each part begins', () => {
    const content = [line(0), '', line(1), line(2)].join('\n');
    const parts = [...importParts(content, 60)];
    expect(parts.map(({ number }) => number)).toEqual([1, 3, 4]);
    expect(parts.map(({ text }) => text.trim())).toEqual([line(0), line(1), line(2)]);
  });

  it('does not cut a document over many lines', () => {
    const content = JSON.stringify({ entities: [1, 2] }, null, 1);
    expect([...importParts(content, 1000)]).toEqual([{ number: 1, text: content }]);
    expect(() => [...importParts(content, 10)]).toThrow(/line 1: .*PURSIGHT_MAX_BODY_BYTES \(10\)/);
  });

  it('names a line that fits into no body', () => {
    expect(() => [...importParts(`${line(0)}\n${line(1).repeat(9)}`, 100)]).toThrow(/^line 2: /);
  });

  it('has no parts for an empty file', () => {
    expect([...importParts('\n\n', 100)]).toEqual([]);
  });
});

describe('inFile', () => {
  it('counts lines from the beginning of the file', () => {
    expect(inFile(new HubError('invalid-message', 'line 3: type: is missing'), 101).message).toBe(
      'line 103: type: is missing',
    );
    expect(inFile(new HubError('forbidden', 'no grant'), 101).message).toBe('no grant');
  });
});
