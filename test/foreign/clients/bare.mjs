// A client without a library, by docs/protocol.md alone: the WebSocket of the platform, a cursor, a handle. It goes on where it
// was after every end. Says what it gets, one JSON text a line, and each event once as `taken`. HUB_URL, TOKEN_URL.
const base = process.env.HUB_URL.replace(/^http/u, 'ws').replace(/\/*$/u, '');
const address = `${base}/socket.io/?EIO=4&transport=websocket`;
/** The subscription's own cursor counts until a `cursor` message has spoken for it. */
const place = { cursor: undefined, handle: undefined, own: undefined };
/** Of each entity, the time of the newest event: what is not newer is a repeat. */
const newest = new Map();
let failures = 0;

const say = (name, data) => console.log(JSON.stringify({ name, data }));

function take(events) {
  for (const event of events) {
    if (event.recordedtime <= (newest.get(event.subject) ?? '')) continue;
    newest.set(event.subject, event.recordedtime);
    say('taken', event);
  }
}

/** What the hub's events mean for this client; `session` is over with its connection. */
function on(session, name, data) {
  say(name, data);
  if (name === 'subscribed') Object.assign(place, { handle: data.handle, own: data.cursor });
  if (name === 'replay') {
    take(data.events);
    place.own = data.cursor;
  }
  if (name === 'events') take(data.events);
  if (name === 'policy') place.handle = data.handle;
  if (name === 'live') [session.live, failures] = [true, 0];
  if (name === 'cursor') {
    place.cursor = data.cursor;
    if (session.live) place.own = undefined;
  }
  if (name === 'notice') session.waitMs = data.retryAfterMs;
}

function connectAuth(token) {
  const { cursor, handle, own } = place;
  const subscription = { id: 's', channel: 'assets', handle, cursor: own };
  return JSON.stringify({ token, protocol: 1, client: 'bare', cursor, subscriptions: [subscription] });
}

function connect(token) {
  const socket = new WebSocket(address);
  const session = { live: false, over: false, waitMs: undefined };
  let silence = setTimeout(() => socket.close(), 10_000);
  socket.addEventListener('message', ({ data }) => {
    silence.refresh();
    if (data === '2') socket.send('3');
    else if (data.startsWith('0')) {
      const { pingInterval, pingTimeout } = JSON.parse(data.slice(1));
      clearTimeout(silence);
      silence = setTimeout(() => socket.close(), pingInterval + pingTimeout);
      socket.send(`40${connectAuth(token)}`);
    } else if (data.startsWith('42')) on(session, ...JSON.parse(data.slice(2)));
    else if (data.startsWith('44')) say('connect_error', JSON.parse(data.slice(2)));
  });
  const end = () => {
    if (session.over) return;
    session.over = true;
    clearTimeout(silence);
    say('disconnect');
    again(session.waitMs);
  };
  // Node 20 leaves out the second where nobody listens
  socket.addEventListener('error', end);
  socket.addEventListener('close', end);
}

function again(waitMs = Math.random() * Math.min(5000, 100 * 2 ** failures)) {
  failures += 1;
  setTimeout(() => void start(), waitMs);
}

async function start() {
  try {
    connect(await (await fetch(process.env.TOKEN_URL)).text());
  } catch (error) {
    say('no token', String(error));
    again();
  }
}

await start();
