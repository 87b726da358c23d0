import { describe, expect, it } from 'vitest';
import { formOf, NewerForm, withForm, withoutForm } from './form-of.ts';
import { forms, type RecordKind } from './forms.ts';

const kinds = Object.keys(forms) as RecordKind[];

describe('forms of stored records', () => {
  it.each(kinds)('R4 a release reads what it writes, and what the one before wrote: %s', (kind) => {
    const { reads, writes } = forms[kind];
    expect(reads).toBeGreaterThanOrEqual(writes);
    expect(reads - writes).toBeLessThanOrEqual(1);
    for (let form = 1; form <= reads; form++) expect(formOf(kind, form)).toBe(form);
    expect(withoutForm(kind, withForm(kind, { a: 1 }))).toEqual({ a: 1 });
  });

  it('a record that says nothing is of the first form', () => {
    expect(formOf('event', undefined)).toBe(1);
    expect(withoutForm('position', { next: 7 })).toEqual({ next: 7 });
  });

  it.each([forms.event.reads + 1, 0, -1, 1.5, '2', null, {}])('R4 does not guess what %j is', (v) => {
    expect(() => formOf('event', v)).toThrow(NewerForm);
    expect(() => formOf('event', v)).toThrow(expect.objectContaining({ code: 'storage-unavailable', retryable: true }));
  });
});
