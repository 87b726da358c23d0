import { EventEmitter } from 'node:events';
import type { Socket } from 'socket.io';
import { expect, it } from 'vitest';
import { trimConnection } from './lean-connection.ts';

it('leaves every listener where it was, and knows no event that nobody listens to', () => {
  const said: string[] = [];
  const socket = Object.assign(new EventEmitter(), { conn: new EventEmitter(), acks: new Map() });
  const own = Symbol('own');
  socket.on('close', () => said.push('first')).once('close', () => said.push('once'));
  socket.on('close', () => said.push('last')).on(own, () => said.push('own'));
  socket.conn.on('close', () => said.push('conn'));
  trimConnection(socket as unknown as Socket);
  for (const event of ['constructor', '__proto__', 'toString']) expect(socket.emit(event)).toBe(false);
  socket.emit('close');
  socket.emit('close');
  socket.emit(own);
  socket.conn.emit('close');
  expect(said).toEqual(['first', 'once', 'last', 'first', 'last', 'own', 'conn']);
  socket.removeAllListeners('close').on('later', () => said.push('later'));
  socket.emit('close');
  socket.emit('later');
  expect(said.at(-1)).toBe('later');
  expect(socket.eventNames()).toEqual(['later', own]);
});

it('leaves alone what it does not know', () => {
  const odd = { _events: undefined, _anyListeners: 'none', acks: new Map([[1, 'asked']]), conn: {} };
  trimConnection(odd as unknown as Socket);
  expect(odd).toEqual({ _events: undefined, _anyListeners: 'none', acks: new Map([[1, 'asked']]), conn: {} });
});
