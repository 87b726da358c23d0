import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Session } from './session.ts';

/** Requests for a token that wait for their answer, by role. */
let waiting: Map<string, ServerResponse>;
let server: Server;
let session: Session;

function answer(role: string, expiresInMs = 300_000): void {
  waiting
    .get(role)
    ?.end(
      JSON.stringify({ token: `token-of-${role}`, expiresInMs, sub: role, tenant: 't', role, roles: ['a', 'b', 'c'] }),
    );
  waiting.delete(role);
}
const asked = async (role: string): Promise<void> => vi.waitFor(() => expect([...waiting.keys()]).toContain(role));

beforeEach(async () => {
  waiting = new Map();
  server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end('{"signIn":"development"}');
    if (request.method === 'DELETE') return void response.writeHead(204).end();
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => waiting.set(String((JSON.parse(text) as { role: string }).role), response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  session = new Session(new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`));
});
afterEach(async () => {
  await session.signOut().catch(() => undefined);
  server.closeAllConnections();
  server.close();
});

function roleNow(): string {
  const state = session.getSnapshot();
  return state.status === 'in' ? state.who.role : state.status;
}

it('of two switches of the role the last one counts, whatever is answered first', async () => {
  const first = session.switchTo('b');
  await asked('b');
  const second = session.switchTo('c');
  await asked('c');
  answer('c');
  await second;
  expect(roleNow()).toBe('c');
  answer('b');
  await first;
  expect(roleNow()).toBe('c');
});

it('nobody is signed in by what was asked before the sign-out', async () => {
  const switching = session.switchTo('b');
  await asked('b');
  void session.signOut();
  answer('b');
  await switching;
  expect(roleNow()).toBe('out');
});
