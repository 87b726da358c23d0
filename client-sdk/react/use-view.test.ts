import { createElement, type ReactElement, StrictMode } from 'react';
import TestRenderer, { type ReactTestRenderer } from 'react-test-renderer';
import { expect, test, vi } from 'vitest';
import type { Hub } from '../hub/hub.ts';
import { roomOf, sampleItem } from '../testing/contract-server.ts';
import { connect, startServer } from '../testing/hub-fixture.ts';
import { useHubStatus, useView } from './index.ts';

/** Shows the status of the hub, that of the view, and the names in it. */
function Names({ hub, type }: { readonly hub: Hub; readonly type: string }): string {
  const { items, status, error } = useView(hub, 'assets', { filter: { type } });
  const names = items.map(({ entity }) => entity.name).join(' ');
  return [useHubStatus(hub), status, names, error?.code].filter(Boolean).join(' | ');
}

/** Strict: React opens everything twice, and closes it once in between. */
function names(hub: Hub, type: string): ReactElement {
  return createElement(StrictMode, null, createElement(Names, { hub, type }));
}

/** React renders when it has time. */
async function shows(rendered: ReactTestRenderer, text: string): Promise<void> {
  await vi.waitFor(() => expect(rendered.toJSON()).toBe(text));
}

test('shows a view while it is mounted, another for another filter, and gives it up in the end', async () => {
  const server = await startServer();
  server.options.documents = ({ filter }) => [sampleItem(`one ${String(filter?.['type'] as string)}`)];
  const hub = connect(server.url);
  const rendered = TestRenderer.create(names(hub, 'table'));
  await shows(rendered, 'live | live | one table');
  const room = roomOf({ channel: 'assets', mode: 'view', filter: { type: 'table' } });
  const entered = { id: 'e1', kind: 'enter', subject: 'urn:example:two', recordedtime: '' } as const;
  server.send(room, { ...entered, ...sampleItem('two') });
  await shows(rendered, 'live | live | one table two');

  rendered.update(names(hub, 'topic'));
  await shows(rendered, 'live | live | one topic');
  rendered.unmount();
  await vi.waitFor(() => {
    const asked = server.requests.map(({ name }) => name);
    const opened =
      asked.filter((name) => name === 'subscribe').length + (server.connects[0]?.subscriptions?.length ?? 0);
    expect(asked.filter((name) => name === 'unsubscribe')).toHaveLength(opened);
  });
});

/** The names in a view without documents. */
function Briefly({ hub }: { readonly hub: Hub }): string {
  const { items } = useView(hub, 'assets', { shape: 'entity', fields: ['name'] });
  return items.map(({ entity }) => entity.name).join(' ');
}

test('asks for the shape and the fields that its options name', async () => {
  const server = await startServer();
  server.options.documents = () => [{ entity: { urn: 'urn:example:one', name: 'one' } }];
  const rendered = TestRenderer.create(createElement(Briefly, { hub: connect(server.url) }));
  await shows(rendered, 'one');
  const [asked] = [...(server.connects[0]?.subscriptions ?? []), ...server.requests.map(({ payload }) => payload)];
  expect(asked).toMatchObject({ channel: 'assets', mode: 'view', shape: 'entity', fields: ['name'] });
  rendered.unmount();
});

test('shows why there is nothing, and that the hub object is closed', async () => {
  const server = await startServer();
  server.options.judge = () => ({ code: 'view-too-large', message: 'too many', retryable: false });
  const hub = connect(server.url);
  const rendered = TestRenderer.create(names(hub, 'table'));
  await shows(rendered, 'live | ended | view-too-large');
  hub.close();
  await shows(rendered, 'closed | ended | view-too-large');
  await shows(TestRenderer.create(names(hub, 'table')), 'closed | ended');
});
