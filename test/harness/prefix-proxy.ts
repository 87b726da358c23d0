import { createServer, type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';

/** A proxy that serves another server below a path, as a company's front door would: the path is removed, upgrades pass. */
export async function startPrefixProxy(
  port: number,
  prefix: string,
  target: number,
): Promise<{ readonly close: () => Promise<void> }> {
  const forward = ({ url = '', method, headers }: IncomingMessage): RequestOptions => ({
    ...{ host: '127.0.0.1', port: target, method, headers },
    path: url.startsWith(prefix) ? url.slice(prefix.length) || '/' : '/outside',
  });
  const server = createServer((incoming, outgoing) => {
    const onward = request(forward(incoming), (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (incoming, socket, head) => {
    const onward = request(forward(incoming));
    onward.on('upgrade', (answer, other, rest) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      socket.write(rest);
      other.write(head);
      socket.pipe(other).pipe(socket);
      upgraded.add(socket).add(other);
      for (const each of [socket, other]) each.on('error', () => each.destroy());
    });
    onward.on('error', () => socket.destroy());
    onward.end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}
