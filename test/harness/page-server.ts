import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The client library as a page without a bundler gets it. */
const bundle = fileURLToPath(new URL('../../client-sdk/dist/bundle.js', import.meta.url));

/** Lists what a subscription sees and keeps a diary that a test can read: `window.watch`, `window.diary`. */
const script = `
import { createHub } from '/bundle.js';
const diary = { statuses: [], events: [], gaps: 0, policies: 0, errors: [] };
window.diary = diary;
window.watch = ({ url, user, channel }) => {
  const token = async () => (await fetch('/token?user=' + user)).text();
  const hub = createHub({ url, token, client: 'browser test', reconnect: { minMs: 50, maxMs: 500 } });
  hub.on('status', (status) => diary.statuses.push(status));
  hub.on('error', (error) => diary.errors.push(error.code));
  const subscription = hub.channel(channel, { shape: 'document' });
  subscription.on('gap', () => (diary.gaps += 1));
  subscription.on('policy', () => (diary.policies += 1));
  subscription.on('event', (event) => {
    diary.events.push(event.kind + ' ' + event.subject.split(':').at(-1));
    show(event);
  });
};
function show(event) {
  const list = document.querySelector('#list');
  const known = [...list.children].find((item) => item.dataset.urn === event.subject);
  if (event.kind === 'leave') return known?.remove();
  const item = known ?? list.appendChild(document.createElement('li'));
  item.dataset.urn = event.subject;
  item.textContent = event.entity.name + ' ' + event.entity.tags.join(',');
}
`;
const page = '<!doctype html><title>test</title><ul id="list"></ul><script type="module" src="/page.js"></script>';

export interface PageServer {
  readonly origin: string;
  /** How many tokens each user has asked for. */
  readonly tokens: ReadonlyMap<string, number>;
  close(): void;
}

/** Serves a page with the built client library, and tokens for it, on loopback. */
export async function startPageServer(tokenOf: (user: string) => string): Promise<PageServer> {
  const tokens = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, body: string | Buffer): void =>
      void response.writeHead(200, { 'content-type': type }).end(body);
    if (url.pathname === '/') return send('text/html', page);
    if (url.pathname === '/page.js') return send('text/javascript', script);
    if (url.pathname === '/bundle.js') return send('text/javascript', readFileSync(bundle));
    if (url.pathname !== '/token') return void response.writeHead(404).end();
    const user = url.searchParams.get('user') ?? '';
    tokens.set(user, (tokens.get(user) ?? 0) + 1);
    send('text/plain', tokenOf(user));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    tokens,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
