import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { type AttackSocket, openAttackSession } from './attack-socket.ts';
import { eventOf, post } from './own-events.ts';

const facets = ['kind', 'type', 'platform', 'domain', 'owners', 'tags', 'status', 'severity'];
const connections = 10;
const perConnection = 18;

/** Without words, so that every change of the tenant moves the counts of each of them. */
async function searchLive(socket: AttackSocket, connection: number): Promise<void> {
  for (let index = 0; index < perConnection && !socket.isClosed; index++) {
    const filter = { name: { $gte: `${connection}`, $ne: `nobody-${connection}-${index}` } };
    const search = { id: `s${index}`, q: '', facets, filter, limit: 100 };
    socket.send(`42${index}${JSON.stringify(['search', search])}`);
    await pause(20);
  }
}

/** As many live searches as count everything again with each change, and changes. */
export const standingSearches: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const opened = await Promise.all(
    Array.from({ length: connections }, (_, index) => openAttackSession(target.port, tokenOf(target, index))),
  );
  const sockets = opened.filter((socket) => socket !== undefined);
  const searching = Promise.all(sockets.map(searchLive));
  let events = 0;
  while (isBefore(deadline)) {
    await post(target, 0, [eventOf(events, { domain: `domain-${events++ % 7}` })]);
    await pause(20);
  }
  await searching;
  const answered = sockets.filter(({ text }) => text.includes('"delta"')).length;
  for (const socket of sockets) socket.destroy();
  return { searches: sockets.length * perConnection, answered, events };
};

/** Comparisons that look at each value that there is. */
const dearFilter = {
  $and: Array.from({ length: 15 }, (_, index) => ({
    urn: { $gte: `${'a'.repeat(index)}` },
    name: { $gte: `${'0'.repeat(index)}` },
  })),
};

async function searchOnce(target: AttackTarget, index: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${target.port}/v1/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf(target, index)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ q: '', filter: dearFilter, facets, limit: 100, sort: ['-name'] }),
  }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status ?? 0;
}

/** Searches that have to look at all documents many times. */
export const dearSearches: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let [asked, refused] = [0, 0];
  const one = async (_: unknown, index: number): Promise<void> => {
    while (isBefore(deadline)) {
      asked += 1;
      if ((await searchOnce(target, index)) === 200) continue;
      refused += 1;
      await pause(100);
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
  return { asked, refused };
};
