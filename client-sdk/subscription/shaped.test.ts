import { expect, expectTypeOf, test, vi } from 'vitest';
import type { ShapedEvents, WireChanges, WireItem } from '../../channels/protocol/down.ts';
import type { WireHead } from '../../channels/protocol/entity.ts';
import type { Field } from '../../channels/protocol/fields.ts';
import type { Shape } from '../../channels/protocol/up.ts';
import { cursorOf, roomOf } from '../testing/contract-server.ts';
import { connect, record, startServer } from '../testing/hub-fixture.ts';
import type { Hub } from '../hub/hub.ts';
import type { FeedEvent, ViewItem } from './shaped.ts';

type Of<Kind, Event> = Extract<Event, { readonly kind: Kind }>;

test('the type of events follows the shape and the fields', () => {
  expectTypeOf<FeedEvent>().toEqualTypeOf<ShapedEvents['default']>();
  expectTypeOf<FeedEvent<'changes'>>().toEqualTypeOf<ShapedEvents['changes']>();
  expectTypeOf<Of<'update', FeedEvent<'document'>>['entity']>().toEqualTypeOf<WireHead>();
  expectTypeOf<Of<'update', FeedEvent>['entity']>().toHaveProperty('name');
  expectTypeOf<Of<'update', FeedEvent>['entity']>().not.toHaveProperty('owners');
  type Some = FeedEvent<undefined, 'owners' | 'columns'>;
  expectTypeOf<Of<'update', Some>['entity']>().toEqualTypeOf<Pick<WireHead, 'owners'>>();
  expectTypeOf<Of<'enter', Some>['entity']>().toEqualTypeOf<Pick<WireHead, 'owners'>>();
  expectTypeOf<Of<'update', Some>['changes']>().toEqualTypeOf<WireChanges>();
  expectTypeOf<Of<'update', FeedEvent<'entity'>>>().not.toHaveProperty('changes');
  // names that are known only when the program runs
  expectTypeOf<Of<'update', FeedEvent<'entity', Field>>['entity']>().toEqualTypeOf<Partial<WireHead>>();
  expectTypeOf<ViewItem>().toExtend<WireItem>();
  expectTypeOf<ViewItem<'entity'>>().not.toHaveProperty('document');
  expectTypeOf<ViewItem<'entity', 'tags'>['entity']>().toEqualTypeOf<
    Pick<WireItem['entity'], 'urn'> & Pick<WireHead, 'tags'>
  >();
});

/** Never called: what the compiler makes of calls. */
export function typesOf(hub: Hub): void {
  expectTypeOf(hub.channel('assets')).toEqualTypeOf<ReturnType<typeof hub.channel<undefined, never>>>();
  hub.channel('assets', { shape: 'changes' }).on('event', (event) => {
    if (event.kind === 'update') expectTypeOf(event.changes).toEqualTypeOf<WireChanges>();
    // @ts-expect-error changes say nothing of the entity
    void event.entity;
  });
  hub.channel('assets', { fields: ['owners', 'description'] }).on('event', (event) => {
    if (event.kind === 'update') expectTypeOf(event.entity.owners).toEqualTypeOf<readonly string[]>();
  });
  // @ts-expect-error no such field
  hub.channel('assets', { fields: ['colour'] });
  // @ts-expect-error updates of a feed without a shape do not carry it
  hub.channel('assets', { fields: ['name', 'updatedAt'] });
  // @ts-expect-error an entity has no columns
  hub.channel('assets', { shape: 'entity', fields: ['columns'] });
  hub.channel('assets', { shape: 'document', fields: ['updatedAt'] });
  hub.view('assets', { fields: ['updatedAt'] });
  // @ts-expect-error a view has no changes
  hub.view('assets', { shape: 'changes' });
  // @ts-expect-error no such option
  hub.channel('assets', { shape: 'entity', fitler: {} });
}

const asked: { readonly shape: Shape; readonly fields: readonly ['name', 'description'] } = {
  shape: 'changes',
  fields: ['name', 'description'],
};
const room = roomOf({ channel: 'assets', ...asked });
const event = (id: string): ShapedEvents['changes'] => ({
  ...{ id, kind: 'update', subject: 'urn:example:a', recordedtime: `2026-01-01T00:00:0${id}.000Z` },
  changes: { '/description': { new: id } },
});

test('asks for the same shape and fields on each connection, and goes on with its own handle', async () => {
  const server = await startServer();
  const changes = connect(server.url).channel('assets', asked);
  const got = record<'event', { readonly id: string }>(changes, 'event');
  await changes.live;
  server.send(room, event('1'));
  await vi.waitFor(() => expect(got).toHaveLength(1));
  server.tick();
  server.cut();
  server.log.push({ room, event: event('2') });
  await vi.waitFor(() => expect(got.map(({ id }) => id)).toEqual(['1', '2']));
  const wanted = { id: changes.id, channel: 'assets', ...asked };
  expect(server.connects[0]?.subscriptions).toEqual([wanted]);
  expect(server.connects[1]?.subscriptions).toMatchObject([{ ...wanted, handle: `handle of ${room}` }]);
  expect(server.connects[1]?.cursor).toBe(cursorOf(1));
});

test('a view of entities has no documents, and needs none of its events', async () => {
  const server = await startServer();
  const { name: _name, ...head } = { kind: 'asset', type: 'table', name: 'a', tags: ['pii/email'] };
  server.options.documents = () => [{ entity: { urn: 'urn:example:a', ...head } }];
  const view = connect(server.url).view('assets', { shape: 'entity', fields: ['kind', 'type', 'tags'] });
  await view.live;
  expect(view.items).toEqual([{ entity: { urn: 'urn:example:a', kind: 'asset', type: 'table', tags: ['pii/email'] } }]);
  const viewRoom = roomOf({ channel: 'assets', mode: 'view', shape: 'entity', fields: ['kind', 'type', 'tags'] });
  server.send(viewRoom, {
    ...{ id: 'e', kind: 'update', subject: 'urn:example:a', recordedtime: '2026-01-01T00:00:01.000Z' },
    entity: { kind: 'asset', type: 'table', tags: [] },
  });
  await vi.waitFor(() => expect(view.get('urn:example:a')?.entity.tags).toEqual([]));
  expect(view.status).toBe('live');
});
