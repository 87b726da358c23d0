import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { AttackSocket, openAttackSession } from './attack-socket.ts';

const zombiesAtOnce = 20;

/** Leaves its namespace at once and keeps the connection. */
async function openZombie(target: AttackTarget, index: number): Promise<AttackSocket | undefined> {
  const socket = await openAttackSession(target.port, tokenOf(target, index));
  socket?.send('41');
  return socket;
}

/** Connections beside the sessions: such as have left theirs, and such as never say who they are. */
export const zombies: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const [left, silent]: [AttackSocket[], AttackSocket[]] = [[], []];
  while (isBefore(deadline)) {
    const opened = await Promise.all(Array.from({ length: zombiesAtOnce }, (_, index) => openZombie(target, index)));
    left.push(...opened.filter((socket) => socket !== undefined));
    silent.push(...Array.from({ length: zombiesAtOnce }, () => new AttackSocket(target.port)));
    await pause(500);
  }
  const open = (sockets: readonly AttackSocket[]): number => sockets.filter(({ isClosed }) => !isClosed).length;
  const report = { left: left.length, leftOpen: open(left), silent: silent.length, silentOpen: open(silent) };
  for (const socket of [...left, ...silent]) socket.destroy();
  return report;
};

const knocksAtOnce = 10;

async function knock(target: AttackTarget, index: number): Promise<boolean> {
  const socket = new AttackSocket(target.port);
  if (await socket.sees('0{"sid"', 2000)) {
    // what is wrong with a token must not be dear to find out
    const [head, claims] = tokenOf(target, index).split('.');
    socket.send(`40${JSON.stringify({ token: `${head}.${claims}.${'A'.repeat(43)}`, protocol: 1, client: 'x' })}`);
    await socket.sees('44{', 2000);
  }
  const isRefused = socket.text.includes('"unauthenticated"');
  socket.destroy();
  return isRefused;
}

/** Handshakes of those who have no token that is good. */
export const strangers: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const counts = { knocked: 0, refused: 0 };
  while (isBefore(deadline)) {
    const refused = await Promise.all(Array.from({ length: knocksAtOnce }, (_, index) => knock(target, index)));
    counts.knocked += refused.length;
    counts.refused += refused.filter(Boolean).length;
    await pause(20);
  }
  return counts;
};

const chunksAtOnce = Buffer.from('1\r\n \r\n'.repeat(8000));

/** A body that comes byte by byte, each a chunk of its own. */
export const tinyChunks: Attack = async (target) => {
  const deadline = deadlineOf(target);
  const counts = { requests: 0, chunks: 0 };
  while (isBefore(deadline)) {
    const socket = connect({ port: target.port, host: '127.0.0.1' });
    let isOver = false;
    socket.on('error', () => undefined);
    // an answer before the end of the body is a refusal
    for (const end of ['data', 'close'] as const) socket.on(end, () => (isOver = true));
    socket.write(
      `POST /v1/ingest/${target.connector} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${tokenOf(target, 0)}\r\nContent-Type: application/cloudevents+json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    counts.requests += 1;
    while (!isOver && isBefore(deadline)) {
      socket.write(chunksAtOnce);
      counts.chunks += 8000;
      do await pause(1);
      while (!isOver && socket.writableNeedDrain && isBefore(deadline));
    }
    socket.destroy();
    await pause(20);
  }
  return counts;
};
