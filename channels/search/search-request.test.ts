import { describe, expect, it } from 'vitest';
import { parseSearchRequest } from './search-request.ts';

describe('parseSearchRequest', () => {
  it('searches all assets by default', () => {
    const { words, selection, ...rest } = parseSearchRequest({});
    expect([words.count, words.strategy, selection.filter]).toEqual([
      0,
      'all',
      { op: 'eq', field: 'kind', value: 'asset' },
    ]);
    expect(rest).toEqual({ facets: [], sort: [], limit: 20, highlight: true });
  });

  it('reads what is asked for', () => {
    const asked = { q: 'customer', strategy: 'last', channel: 'alerts', filter: { status: 'open' }, highlight: false };
    const facets = ['status', 'severity', 'status'];
    const request = parseSearchRequest({ ...asked, facets, sort: ['-severity', 'name'], limit: 100 });
    expect(request).toMatchObject({
      words: { count: 1, strategy: 'last' },
      facets: ['status', 'severity'],
      sort: [
        { field: 'severity', isDescending: true },
        { field: 'name', isDescending: false },
      ],
      ...{ limit: 100, highlight: false },
    });
    expect(request.selection.filter).toMatchObject({ op: 'and' });
  });

  it.each([
    [null, 'invalid-request', /^message: /],
    [{ q: 7 }, 'invalid-request', /^q: must be a text/],
    [{ q: 'x'.repeat(600) }, 'invalid-request', /^q: must have at most 512/],
    [{ query: 'x' }, 'invalid-request', /unknown field "query"/],
    [{ strategy: 'frequency' }, 'invalid-request', /^strategy: must be one of all, last/],
    [{ facets: ['name'] }, 'invalid-request', /^facets\.0: must be one of kind,/],
    [{ facets: 'kind' }, 'invalid-request', /^facets: must be a list/],
    [{ sort: ['owners'] }, 'invalid-request', /^sort\.0: must be one of name,/],
    [{ sort: ['name', '--type'] }, 'invalid-request', /^sort\.1: must be one of name,/],
    [{ sort: ['name', 'type', 'fqn', 'kind'] }, 'invalid-request', /^sort: must have at most 3/],
    [{ limit: 0 }, 'invalid-request', /^limit: must be a whole number from 1 to 100/],
    [{ limit: 101 }, 'invalid-request', /^limit: must be a whole number from 1 to 100/],
    [{ limit: 1.5 }, 'invalid-request', /^limit: must be a whole number from 1 to 100/],
    [{ highlight: 'yes' }, 'invalid-request', /^highlight: must be true or false/],
    [{ channel: 'nowhere' }, 'invalid-channel', /known forms/],
    [{ filter: { nothing: 1 } }, 'invalid-filter', /unknown field/],
    [{ filter: 'status=open' }, 'invalid-filter', /must be an object/],
  ])('refuses %j', (raw, code, message) => {
    expect(() => parseSearchRequest(raw)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
