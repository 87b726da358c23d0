import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { type AttackSocket, openAttackSession } from './attack-socket.ts';

let serial = 0;

export function eventOf(index: number, asset: object): object {
  const subject = `own-${index % 100}`;
  const data = { asset: { type: 'table', name: subject, description: `${serial++}`, ...asset } };
  const id = `own-${process.pid}-${serial}`;
  return { specversion: '1.0', source: '/attack', id, type: 'gov.asset.updated', subject, data };
}

export async function post(target: AttackTarget, index: number, events: readonly object[]): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${target.port}/v1/ingest/${target.connector}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokenOf(target, index)}`,
      'content-type': 'application/cloudevents-batch+json',
    },
    body: JSON.stringify(events),
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status ?? 0;
}

const dearConnections = 10;
const dearPerConnection = 100;

/** Filters of which no part is an equality: each event of the tenant would have to be held against each of them. */
async function subscribeDearly(socket: AttackSocket, connection: number): Promise<void> {
  for (let index = 0; index < dearPerConnection && !socket.isClosed; index++) {
    const filter = { tags: { $startsWith: `t${connection}x${index}` }, owners: { $ne: `nobody-${index}` } };
    socket.send(`42${index}${JSON.stringify(['subscribe', { id: `d${index}`, channel: 'assets', filter }])}`);
    await pause(15);
  }
}

const manyOwners = Array.from({ length: 100 }, (_, index) => ({ id: `owner-${index}`, type: 'user' }));

/** As many subscriptions that are dear to match as there may be, and events that are dear to hold against them. */
export const dearSubscriptions: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const opened = await Promise.all(
    Array.from({ length: dearConnections }, (_, index) => openAttackSession(target.port, tokenOf(target, index))),
  );
  const sockets = opened.filter((socket) => socket !== undefined);
  const subscribing = Promise.all(sockets.map(subscribeDearly));
  let events = 0;
  while (isBefore(deadline)) {
    await post(target, 0, [eventOf(events++, { owners: manyOwners })]);
    await pause(50);
  }
  await subscribing;
  const refused = sockets.filter(({ text }) => text.includes('too-costly')).length;
  for (const socket of sockets) socket.destroy();
  return { sessions: sockets.length, refused, events };
};

const senders = 4;
const batch = 100;

/** Nothing forbidden: a tenant that sends as many changes as are taken from it. */
export const busyTenant: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let sent = 0;
  const one = async (_: unknown, sender: number): Promise<void> => {
    while (isBefore(deadline)) {
      const events = Array.from({ length: batch }, (_each, index) => eventOf(index, {}));
      if ((await post(target, sender, events)) === 200) sent += batch;
      else await pause(100);
    }
  };
  await Promise.all(Array.from({ length: senders }, one));
  return { sent };
};
