// socket.io-client as its users write it. Says what it gets, one JSON text a line. HUB_URL, TOKEN_URL, POLLING=1.
import { io } from 'socket.io-client';

const say = (name, data) => console.log(JSON.stringify({ name, data }));
const connectAuth = (token) => ({
  ...{ token, protocol: 1, client: 'stock' },
  subscriptions: [{ id: 's', channel: 'assets' }],
});
const auth = (use) => {
  void fetch(process.env.TOKEN_URL)
    .then((response) => response.text())
    .then((token) => use(connectAuth(token)));
};
const transports = process.env.POLLING === '1' ? {} : { transports: ['websocket'] };
// a path in the address would be a namespace
const { origin, pathname } = new URL(process.env.HUB_URL);
const path = `${pathname.replace(/\/$/u, '')}/socket.io/`;
const socket = io(origin, { path, ...transports, auth });
socket.onAny((name, data) => say(name, data));
socket.on('disconnect', (reason) => say('disconnect', { reason, active: socket.active }));
socket.on('connect_error', (error) =>
  say('connect_error', { message: error.message, data: error.data, body: error.context?.responseText }),
);
