import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, type AttackTarget, deadlineOf, isBefore, tokenOf } from './attack.ts';
import { type AttackSocket, frameOf, openAttackSession } from './attack-socket.ts';

const connections = 4;
const framesAtOnce = 16;

async function pour(socket: AttackSocket, frame: Buffer, deadline: number): Promise<number> {
  let sent = 0;
  while (!socket.isClosed && isBefore(deadline)) {
    for (let index = 0; index < framesAtOnce && !socket.isClosed; index++) {
      socket.write(frame);
      sent += 1;
    }
    await socket.room();
    await pause(1);
  }
  return sent;
}

/** Sends one frame as fast as it goes, over several connections of one principal, and comes back when it is closed. */
function flood(frame: Buffer): Attack {
  return async (target) => {
    const deadline = deadlineOf(target);
    const counts = { sent: 0, closed: 0, refused: 0 };
    const one = async (): Promise<void> => {
      while (isBefore(deadline)) {
        const socket = await openAttackSession(target.port, tokenOf(target, 0));
        counts.sent += socket === undefined ? 0 : await pour(socket, frame, deadline);
        if (socket === undefined) counts.refused += 1;
        else if (socket.isClosed) counts.closed += 1;
        socket?.destroy();
        await pause(50);
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
    return counts;
  };
}

function manyKeys(count: number): string {
  const keys = Array.from({ length: count }, (_, index) => `"k${index}":0`);
  return `420["subscribe",{"id":"a","channel":"assets",${keys.join(',')}}]`.slice(0, 62_000);
}

/** 62 KB and thousands of keys, all unknown. */
const unknownKeys = `${manyKeys(6000).replace(/,[^,]*$/, '')}}]`;

export const floodOfUnknownKeys = flood(frameOf(unknownKeys));
export const floodOfLargeTexts = flood(frameOf(`420["subscribe",{"id":"${'x'.repeat(62_000)}"}]`));
export const floodOfBinary = flood(frameOf(Buffer.alloc(60_000, 0x5a)));
export const floodOfTinyMessages = flood(frameOf('42["x"]'));

/** Below every rate that is told: what a hub has to take from everybody at once. */
export const steadyNonsense: Attack = async (target: AttackTarget) => {
  const deadline = deadlineOf(target);
  const frame = frameOf(unknownKeys);
  const sockets = await Promise.all(
    Array.from({ length: connections }, (_, index) => openAttackSession(target.port, tokenOf(target, index))),
  );
  let sent = 0;
  while (isBefore(deadline)) {
    for (const socket of sockets) if (socket?.write(frame) === true) sent += 1;
    await pause(1100);
  }
  for (const socket of sockets) socket?.destroy();
  return { sent };
};
