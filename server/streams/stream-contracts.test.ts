import { expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { eventsQueryParameters, streamQuery, ticketRequestSchema } from './stream-contracts.ts';
import { subscriptionsOf } from './stream-request.ts';

function isRead(body: JsonObject): boolean {
  try {
    subscriptionsOf(body);
    return true;
  } catch (thrown) {
    // what a channel or filter says is no matter of form
    if (thrown instanceof HubError) return /^invalid-(?:channel|filter)$/.test(thrown.code);
    throw thrown;
  }
}

const one = { id: 'a', channel: 'assets' };

it.each<[string, JsonObject]>([
  ['a channel', { channel: 'assets' }],
  [
    'all members',
    { channel: 'assets', filter: {}, mode: 'events', shape: 'entity', fields: ['name'], since: '2026-11-30T00:00:00Z' },
  ],
  ['no channel', { filter: {} }],
  ['a filter that is a text', { channel: 'assets', filter: 'x' }],
  ['an unknown mode', { channel: 'assets', mode: 'table' }],
  ['an unknown shape', { channel: 'assets', shape: 'whole' }],
  ['no fields', { channel: 'assets', fields: [] }],
  ['a time that is none', { channel: 'assets', since: 'yesterday' }],
  ['an unknown member', { channel: 'assets', colour: 'red' }],
  ['a cursor, which only a position has', { channel: 'assets', cursor: 'x' }],
  ['several', { subscriptions: [one, { ...one, id: 'b', mode: 'view' }] }],
  ['none', { subscriptions: [] }],
  ['too many', { subscriptions: Array.from({ length: 11 }, (_, index) => ({ ...one, id: `s${index}` })) }],
  ['one without an id', { subscriptions: [{ channel: 'assets' }] }],
  ['one beside several', { channel: 'assets', subscriptions: [one] }],
  ['a handle of one', { subscriptions: [{ ...one, handle: 'x' }] }],
  ['texts', { subscriptions: ['assets'] }],
])('W24: the request of a ticket is read as it is described: %s', (_name, body) => {
  expect(isRead(body)).toBe(ticketRequestSchema.safeParse(body).success);
});

it('W24: the parameters of streams are the members of a subscription', () => {
  const members = ['channel', 'filter', 'shape', 'fields', 'since', 'mode'];
  expect(Object.keys(streamQuery)).toEqual(
    expect.arrayContaining([...members, 'subscriptions', 'ticket', 'lastEventId']),
  );
  const lines = Object.keys(eventsQueryParameters);
  expect(lines.toSorted()).toEqual([...members.slice(0, 5), 'after', 'until', 'follow'].toSorted());
  for (const { contract } of Object.values(streamQuery)) expect(isJsonObject(contract)).toBe(true);
});
