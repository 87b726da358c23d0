import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { enginesHere } from '../../test/harness/engines.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { HttpHandler, HttpResponse, HttpStream } from './http.ts';
import { loadUws } from './uws/load-uws.ts';
import { serveNode } from './node-http.ts';
import { serveUws } from './uws/uws-http.ts';

const engines = await enginesHere();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function onNode(handler: HttpHandler): Promise<number> {
  const server: Server = createServer(serveNode(handler));
  closers.push(() => server.close().closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function onUws(handler: HttpHandler): Promise<number> {
  const uws = await loadUws(undefined);
  const app = uws!.App();
  app.any('/*', serveUws(handler));
  closers.push(() => app.close());
  return new Promise((resolve) => app.listen('127.0.0.1', 0, 1, (token) => resolve(uws!.us_socket_local_port(token))));
}

describe.each(engines)('HTTP bodies on %s', (engine) => {
  const serve = async (handler: HttpHandler): Promise<string> =>
    `http://127.0.0.1:${await (engine === 'uws' ? onUws(handler) : onNode(handler))}/`;
  const streaming = (body: (stream: HttpStream) => void, more: Partial<HttpResponse> = {}): HttpHandler => {
    return async () => ({ status: 200, body, ...more });
  };

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'hands %s and its body to the handler',
    async (method) => {
      const url = await serve(async (request) => {
        const size = request.method === 'GET' ? 0 : (await request.body(100)).length;
        return { status: 200, body: `${request.method} ${size}` };
      });
      const answer = await fetch(url, { method, ...(method === 'GET' ? {} : { body: 'four' }) });
      expect(await answer.text()).toBe(`${method} ${method === 'GET' ? 0 : 4}`);
    },
  );

  it('hands a body on in parts, and takes no more from the network than is asked for', async () => {
    let sent = 0;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const url = await serve(async (request) => {
      await gate;
      let [size, largest] = [0, 0];
      for await (const chunk of request.chunks()) {
        size += chunk.length;
        largest = Math.max(largest, chunk.length);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { status: 200, body: `${size} ${largest <= 1 << 20}` };
    });
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 512) controller.enqueue(new Uint8Array(1 << 17));
        else controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' };
    const answer = fetch(url, init);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sent).toBeLessThan(400);
    open();
    expect(await (await answer).text()).toBe(`${512 << 17} true`);
  });

  it('answers in the middle of a body, and ends the connection', async () => {
    const url = await serve(async (request) => {
      for await (const chunk of request.chunks()) return { status: 400, body: `enough of ${chunk.length > 0}` };
      return { status: 200 };
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(1000)}`);
    await eventually(() => expect(text).toMatch(/^HTTP\/1.1 400 .*connection: close.*enough of true/is));
    socket.end();
    await closed;
  });

  it('a reader of parts is told when the client has gone', async () => {
    let fault: unknown;
    const url = await serve(async (request) => {
      try {
        for await (const _ of request.chunks());
      } catch (error) {
        fault = error;
      }
      return { status: 200 };
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nxy');
    setTimeout(() => socket.destroy(), 50);
    await eventually(() => expect(fault).toMatchObject({ code: 'invalid-request' }));
  });

  it('sends bytes as they are, small and large', async () => {
    for (const length of [3, 3_000_000]) {
      const bytes = new Uint8Array(length).fill(0xff);
      // a part of a larger buffer
      const url = await serve(async () => ({
        status: 200,
        body: new Uint8Array([1, ...[...bytes.subarray(0, 2)], 2]).subarray(1, 3),
      }));
      expect([...new Uint8Array(await (await fetch(url)).arrayBuffer())]).toEqual([0xff, 0xff]);
      const whole = await serve(async () => ({ status: 200, body: bytes }));
      const got = Buffer.from(await (await fetch(whole)).arrayBuffer());
      expect([got.length, got.equals(bytes)]).toEqual([length, true]);
    }
  });

  it('sends a stream part by part, text and bytes, and is told when it has ended', async () => {
    let taken = 0;
    let closed = 0;
    const url = await serve(
      streaming(
        (stream) => {
          stream.onClose(() => (closed += 1));
          stream.write('ä\n');
          stream.write('');
          setTimeout(() => {
            stream.write(Buffer.from('b\n'));
            stream.end();
            stream.write('too late');
            stream.end();
          }, 20);
        },
        { headers: { 'content-type': 'text/plain' }, onTaken: () => (taken += 1) },
      ),
    );
    const answer = await fetch(url);
    expect([await answer.text(), answer.headers.get('content-type')]).toEqual(['ä\nb\n', 'text/plain']);
    await eventually(() => expect([taken, closed]).toEqual([1, 1]));
  });

  it('does not begin a stream for HEAD, and answers the next request of the connection', async () => {
    let begun = 0;
    const url = await serve(streaming((stream) => ((begun += 1), stream.end())));
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text(), begun]).toEqual([200, '', 0]);
    expect([(await fetch(url)).status, begun]).toEqual([200, 1]);
  });

  it('tells a writer that the client does not keep up, and when it does again', async () => {
    const chunk = Buffer.alloc(1 << 20, 1);
    let [written, drains, pending] = [0, 0, 0];
    const url = await serve(
      streaming((stream) => {
        const go = (): void => {
          while (written < 64) {
            written += 1;
            if (!stream.write(chunk)) {
              pending = Math.max(pending, stream.pendingBytes);
              return;
            }
          }
          stream.end();
        };
        stream.onDrain(() => ((drains += 1), go()));
        go();
      }),
    );
    const answer = await fetch(url);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(written).toBeLessThan(64);
    expect((await answer.arrayBuffer()).byteLength).toBe(64 << 20);
    expect(drains).toBeGreaterThan(0);
    expect(pending).toBeGreaterThan(0);
  });

  it('tells a writer when the client has gone, and takes what it still writes for nothing', async () => {
    let stream: HttpStream | undefined;
    let [closed, taken] = [0, 0];
    const url = await serve(
      streaming(
        (given) => {
          stream = given;
          given.onClose(() => (closed += 1));
          given.write('first');
        },
        { onTaken: () => (taken += 1) },
      ),
    );
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await eventually(() => expect([closed, taken]).toEqual([1, 1]));
    expect(stream?.write('second')).toBe(false);
    stream?.end();
    const late = new Promise<void>((resolve) => stream?.onClose(resolve));
    await late;
  });

  it('an aborted stream does not look complete', async () => {
    const url = await serve(
      streaming((stream) => {
        stream.write('half');
        setTimeout(() => stream.abort(), 20);
      }),
    );
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow('terminated');
  });

  it('a stream may be the last answer of its connection', async () => {
    const url = await serve(streaming((stream) => (stream.write('bye'), stream.end()), { isLast: true }));
    const answer = await fetch(url);
    expect([answer.headers.get('connection'), await answer.text()]).toEqual(['close', 'bye']);
  });
});
