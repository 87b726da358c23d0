import { describe, expect, it } from 'vitest';
import { checkLine } from './doctor.ts';
import { renderTable } from './table.ts';

describe('renderTable', () => {
  it('aligns columns and cuts the last one', () => {
    const lines = renderTable({
      columns: ['id', 'reason'],
      rows: [
        ['a', 'short'],
        ['bbb', 'much too long for this'],
      ],
      width: 18,
    });
    expect(lines).toEqual(['ID   REASON', 'a    short', 'bbb  much too lon…']);
  });

  it('lets nothing from outside move the cursor or begin a line', () => {
    expect(renderTable({ columns: ['x'], rows: [['a\u001B[2J\r\nb']] })).toEqual(['X', 'a [2J b']);
  });
});

describe('checkLine', () => {
  it('says what to do when not all is well', () => {
    expect(checkLine({ name: 'redis', state: 'ok', found: 'version 7' })).toBe('ok   redis: version 7');
    expect(checkLine({ name: 'redis', state: 'fail', found: 'away\nreally', fix: 'start it' })).toBe(
      'FAIL redis: away really; fix: start it',
    );
  });
});
