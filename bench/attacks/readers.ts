import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { type AttackSocket, openAttackSession } from './attack-socket.ts';

const views = 8;
const reopenedEveryMs = 3000;

async function openView(target: AttackTarget): Promise<AttackSocket | undefined> {
  const socket = await openAttackSession(target.port, tokenOf(target, 0));
  socket?.send('420["subscribe",{"id":"v","channel":"assets","mode":"view"}]');
  await socket?.sees('430');
  socket?.pauseReading();
  return socket;
}

/** Views of everything whose snapshots nobody reads. */
export const slowReaders: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let opened = 0;
  while (isBefore(deadline)) {
    const sockets = await Promise.all(Array.from({ length: views }, () => openView(target)));
    opened += sockets.filter((socket) => socket !== undefined).length;
    await pause(Math.min(reopenedEveryMs, Math.max(1, deadline - performance.now())));
    for (const socket of sockets) socket?.destroy();
  }
  return { opened };
};

const askers = 4;
const askedEveryMs = 30;
const subscriptions = 150;

/** Asks for all of the past again and again, each time by another filter, so that nothing can be shared. */
export const sinceStorm: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const sockets = await Promise.all(
    Array.from({ length: askers }, (_, index) => openAttackSession(target.port, tokenOf(target, index))),
  );
  let asked = 0;
  while (isBefore(deadline)) {
    const id = `s${asked % subscriptions}`;
    const filter = { domain: { $ne: `x${asked}` } };
    const request = { id, channel: 'assets', since: target.since, filter };
    const socket = sockets[asked % askers];
    socket?.send(`421["unsubscribe",{"id":"${id}"}]`);
    socket?.send(`422${JSON.stringify(['subscribe', request])}`);
    asked += 1;
    await pause(askedEveryMs);
  }
  const closed = sockets.filter((socket) => socket?.isClosed !== false).length;
  for (const socket of sockets) socket?.destroy();
  return { asked, closed };
};

const requests = 40;

function openRequest({ port, tokens }: AttackTarget): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write(
    `GET /v1/documents?limit=1000 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${tokens[0]}\r\nConnection: close\r\n\r\n`,
  );
  socket.pause();
  return socket;
}

/** Large answers that nobody takes, asked for again and again. */
export const unreadAnswers: Attack = async (target) => {
  const deadline = deadlineOf(target);
  let asked = 0;
  while (isBefore(deadline)) {
    const sockets = Array.from({ length: requests }, () => openRequest(target));
    asked += sockets.length;
    await pause(Math.min(1000, Math.max(1, deadline - performance.now())));
    for (const socket of sockets) socket.destroy();
  }
  return { asked };
};
