import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createMeiliHttp } from './meili-http.ts';

const answer = (text: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

describe('createMeiliHttp', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Answers the first request of each connection and breaks it with the second. */
  async function breaking(): Promise<{ readonly url: string; readonly heads: string[] }> {
    const heads: string[] = [];
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        heads.push(String(data).split('\r\n')[0] ?? '');
        requests += 1;
        if (requests === 1) socket.write(answer('{"ok":true}'));
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, heads };
  }

  it('repeats what only reads when a connection breaks that was used before, and nothing else', async () => {
    const { url, heads } = await breaking();
    const { request, close } = createMeiliHttp();
    closing.push(close);
    const post = (path: string) => request(`${url}${path}`, { method: 'POST', body: '{}' });
    for (let round = 0; round < 2; round++) expect(await request(`${url}/tasks/1`)).toEqual({ ok: true });
    expect(await post('/multi-search')).toEqual({ ok: true });
    await expect(post('/swap-indexes')).rejects.toThrow(/hang up|ECONNRESET/);
    expect(heads.map((head) => head.replace(' HTTP/1.1', ''))).toEqual([
      ...['GET /tasks/1', 'GET /tasks/1', 'GET /tasks/1'],
      ...['POST /multi-search', 'POST /multi-search', 'POST /swap-indexes'],
    ]);
  });

  it('says what the server says, and when it is not one that answers with JSON', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(answer('<html>').replace('200 OK', '404 Not Found')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { request, close } = createMeiliHttp();
    closing.push(close, () => server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    await expect(request(url)).rejects.toThrow('is not JSON: is this Meilisearch?');
  });
});
