import { expect, it } from 'vitest';
import type { Principal } from '../../channels/policy/principal.ts';
import { createSealer } from '../sealing/sealer.ts';
import { StreamTickets } from './stream-tickets.ts';

const minuteMs = 60_000;
const principal: Principal = {
  tenant: 'acme',
  sub: 'ada',
  roles: ['steward'],
  claims: { domain: ['retail'] },
  tokenId: 't1',
  issuedAtMs: 0,
  expiresAtMs: 60 * minuteMs,
};
const subscriptions = [{ id: 'stream', channel: 'assets', filter: { domain: 'retail' } }];

it('W22: a ticket has its principal and selection on every node, for 15 minutes or as long as its token', () => {
  let nowMs = 0;
  const clock = { now: () => nowMs };
  const [one, other] = [
    new StreamTickets(createSealer(['s']), clock),
    new StreamTickets(createSealer(['t', 's']), clock),
  ];
  const { ticket, expiresAtMs } = one.issue(principal, subscriptions);
  expect(expiresAtMs).toBe(15 * minuteMs);
  expect(other.open(ticket)).toEqual({ principal, subscriptions, expiresAtMs });
  expect(one.issue({ ...principal, expiresAtMs: minuteMs }, subscriptions).expiresAtMs).toBe(minuteMs);
  nowMs = 15 * minuteMs;
  expect(() => other.open(ticket)).toThrow(expect.objectContaining({ code: 'token-expired' }));
});

it('W22: nothing else that a hub has sealed is a ticket', () => {
  const sealer = createSealer(['s']);
  const tickets = new StreamTickets(sealer, { now: () => 0 });
  const { ticket } = tickets.issue(principal, subscriptions);
  const content = Buffer.from(JSON.stringify({ principal, subscriptions, expiresAtMs: 1 }));
  for (const text of [
    '',
    'AAAA',
    ticket.slice(1),
    `${ticket}A`.slice(1),
    sealer.seal('handle', content),
    sealer.seal('ticket', Buffer.from('{}')),
  ])
    expect(() => tickets.open(text), text).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  const large = [{ id: 'stream', channel: 'assets', filter: { name: 'x'.repeat(5000) } }];
  expect(() => tickets.issue(principal, large)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
});
