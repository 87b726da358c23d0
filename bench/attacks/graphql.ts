import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { type AttackSocket, openGraphqlSocket } from './attack-socket.ts';
import { eventOf, post } from './own-events.ts';

const sockets = 8;

async function openSockets(target: AttackTarget): Promise<readonly AttackSocket[]> {
  const opened = await Promise.all(
    Array.from({ length: sockets }, (_, index) => openGraphqlSocket(target.port, tokenOf(target, index))),
  );
  return opened.filter((socket) => socket !== undefined);
}

/** Just what a query may cost, each with another text, so that nothing is kept for the next. */
function dearQuery(index: number): string {
  const fields = Array.from({ length: 4 }, (_, part) => `a${index}_${part}: name b${index}_${part}: description`);
  return `{ assets(first: 800) { nodes { urn ${fields.join(' ')} } } }`;
}

/** Queries at the limit of what one may cost, over WebSocket: on each socket the next as soon as one is answered. */
export const dearQueries: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const opened = await openSockets(target);
  let [asked, answered] = [0, 0];
  const storm = async (socket: AttackSocket): Promise<void> => {
    while (isBefore(deadline) && !socket.isClosed) {
      const id = `q${asked++}`;
      socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query: dearQuery(asked) } }));
      if (await socket.sees(`{"id":"${id}","type":"complete"}`)) answered += 1;
    }
  };
  await Promise.all(opened.map(storm));
  for (const socket of opened) socket.destroy();
  return { asked, answered };
};

async function subscribe(socket: AttackSocket, of: number): Promise<number> {
  let asked = 0;
  for (; asked < 40 && !socket.isClosed; asked++) {
    const alias = `s${of}_${asked}`;
    const query = `subscription ($filter: JSON) { ${alias}: changes(channel: "assets", filter: $filter) { subject document } }`;
    const payload = { query, variables: { filter: { name: { $ne: alias } } } };
    socket.send(JSON.stringify({ type: 'subscribe', id: alias, payload }));
    await pause(5);
  }
  return asked;
}

/** As many subscriptions as there may be, each with a selection of its own, whose results nobody reads, and changes. */
export const unreadSubscriptions: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const opened = await openSockets(target);
  const asked = await Promise.all(opened.map(subscribe));
  for (const socket of opened) socket.pauseReading();
  let events = 0;
  while (isBefore(deadline)) {
    await post(target, 0, [eventOf(events++, { description: 'x'.repeat(2000), domain: `domain-${events % 7}` })]);
    await pause(20);
  }
  const closed = opened.filter(({ isClosed }) => isClosed).length;
  for (const socket of opened) socket.destroy();
  return { asked: asked.reduce((sum, each) => sum + each, 0), events, closed };
};
