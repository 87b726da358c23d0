import { createElement, type ReactElement, StrictMode } from 'react';
import TestRenderer, { type ReactTestRenderer } from 'react-test-renderer';
import { expect, test, vi } from 'vitest';
import type { Hub } from '../hub/hub.ts';
import type { SearchOptions } from '../search/search.ts';
import { type ContractServer, sampleHit } from '../testing/contract-server.ts';
import { connect, reached, startServer } from '../testing/hub-fixture.ts';
import { useSearch } from './index.ts';

interface FoundProps {
  readonly hub: Hub;
  readonly q: string;
  readonly options?: SearchOptions;
}

/** Shows the status of the search, the names of the hits and whether others are on their way. */
function Found({ hub, q, options }: FoundProps): string {
  const { hits, status, isSearching, error } = useSearch(hub, q, options);
  const names = hits.map(({ entity }) => entity.name).join(' ');
  return [status, names, isSearching && 'searching', error?.code].filter(Boolean).join(' | ');
}

/** Strict: React opens everything twice, and closes it once in between. */
function found(props: FoundProps): ReactElement {
  return createElement(StrictMode, null, createElement(Found, props));
}

/** React renders when it has time. */
async function shows(rendered: ReactTestRenderer, text: string): Promise<void> {
  await vi.waitFor(() => expect(rendered.toJSON()).toBe(text));
}

function asked(server: ContractServer): readonly unknown[] {
  return server.requests.filter(({ name }) => name === 'search').map(({ payload }) => payload);
}

test('shows the hits while it is mounted, the old ones until those of another query are there', async () => {
  const server = await startServer();
  server.searches.options.find = ({ q = '', limit = 2 }) => [sampleHit(q), sampleHit('b')].slice(0, limit);
  const hub = connect(server.url);
  await reached(hub, 'live');
  const rendered = TestRenderer.create(found({ hub, q: 'a', options: { limit: 1 } }));
  await shows(rendered, 'live | a');
  // an equal query is not asked again
  const before = asked(server).length;
  rendered.update(found({ hub, q: 'a', options: { limit: 1 } }));
  server.searches.options.answers = false;
  rendered.update(found({ hub, q: 'ab' }));
  await shows(rendered, 'live | a | searching');
  server.searches.change({ q: 'a', limit: 1 }, { changes: [{ kind: 'enter', after: null, hit: sampleHit('z') }] });
  await shows(rendered, 'live | z a | searching');
  server.searches.release();
  await shows(rendered, 'live | ab b');
  expect(asked(server).slice(before)).toEqual([{ id: expect.any(String), rev: 2, q: 'ab' }]);
  rendered.unmount();
  await vi.waitFor(() => expect(server.requests.at(-1)?.name).toBe('unsearch'));
});

test('a refused query shows why, and the next one opens another search', async () => {
  const server = await startServer();
  server.searches.options.find = ({ q = '' }) => [sampleHit(q)];
  server.searches.options.judge = ({ q }) =>
    q === 'long' ? { code: 'invalid-request', message: 'q: too long', retryable: false } : null;
  const hub = connect(server.url);
  const rendered = TestRenderer.create(found({ hub, q: 'long' }));
  await shows(rendered, 'ended | invalid-request');
  rendered.update(found({ hub, q: 'short' }));
  await shows(rendered, 'live | short');
  hub.close();
  await shows(rendered, 'ended | short');
  rendered.update(found({ hub, q: 'other' }));
  await shows(rendered, 'ended | short');
  await shows(TestRenderer.create(found({ hub, q: 'a' })), 'ended');
});
