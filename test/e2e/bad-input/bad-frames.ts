import { frameBytes, type RawSocket } from '../../harness/raw-socket.ts';

export interface BadFrame {
  readonly name: string;
  /** `fresh`: after the open packet; `session`: after a good CONNECT. */
  readonly at: 'fresh' | 'session';
  send(socket: RawSocket): void;
  /** What must follow: the hub closes, or says something that matches, or goes on as if nothing had been. */
  readonly outcome: 'closed' | 'ignored' | RegExp;
}

const text =
  (...messages: readonly string[]) =>
  (socket: RawSocket): void =>
    messages.forEach((message) => socket.send(message));
const bytes =
  (opcode: number, payload: string | Buffer, options: Parameters<typeof frameBytes>[2] = {}) =>
  (socket: RawSocket): void =>
    socket.write(frameBytes(opcode, payload, options));

export const badFrames: readonly BadFrame[] = [
  { name: 'garbage instead of CONNECT', at: 'fresh', send: text('hello'), outcome: 'closed' },
  { name: 'empty message', at: 'fresh', send: text(''), outcome: 'closed' },
  { name: 'unknown engine.io packet type', at: 'fresh', send: text('9'), outcome: 'closed' },
  {
    name: 'event before CONNECT',
    at: 'fresh',
    send: text('421["subscribe",{"id":"a","channel":"assets"}]'),
    outcome: 'closed',
  },
  { name: 'acknowledgement before CONNECT', at: 'fresh', send: text('431[]'), outcome: 'closed' },
  { name: 'CONNECT with broken JSON', at: 'fresh', send: text('40{"token":'), outcome: 'closed' },
  { name: 'CONNECT with a list', at: 'fresh', send: text('40[1]'), outcome: 'closed' },
  {
    name: 'CONNECT to another namespace',
    at: 'fresh',
    send: text('40/admin,{"token":"x"}'),
    outcome: /^44\/admin,.*Invalid namespace/,
  },
  {
    name: 'CONNECT to a namespace named as a member of every object',
    at: 'fresh',
    send: text('40/__proto__,{}'),
    outcome: /^44\/__proto__,.*Invalid namespace/,
  },
  {
    name: 'message that is larger than allowed',
    at: 'fresh',
    send: text(`40{"token":"${'x'.repeat(70_000)}"}`),
    outcome: 'closed',
  },
  {
    name: 'frame that says it is 8 EiB long',
    at: 'fresh',
    send: (socket) =>
      socket.write(Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])),
    outcome: 'closed',
  },
  { name: 'frame that is not masked', at: 'fresh', send: bytes(1, '40', { masked: false }), outcome: 'closed' },
  { name: 'text that is not UTF-8', at: 'fresh', send: bytes(1, Buffer.from([0xff, 0xfe, 0xfd])), outcome: 'closed' },
  { name: 'reserved opcode', at: 'fresh', send: bytes(3, 'x'), outcome: 'closed' },
  { name: 'continuation of nothing', at: 'fresh', send: bytes(0, 'x'), outcome: 'closed' },
  { name: 'ping in two fragments', at: 'fresh', send: bytes(9, 'x', { fin: false }), outcome: 'closed' },
  { name: 'ping that is too long', at: 'fresh', send: bytes(9, 'x'.repeat(126)), outcome: 'closed' },
  {
    name: 'HTTP where frames belong',
    at: 'fresh',
    send: (socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    outcome: 'closed',
  },
  { name: 'binary frame', at: 'session', send: bytes(2, Buffer.from([1, 2, 3])), outcome: 'closed' },
  { name: 'garbage in a session', at: 'session', send: text('4hello'), outcome: 'closed' },
  { name: 'unknown socket.io packet type', at: 'session', send: text('49["a"]'), outcome: 'closed' },
  { name: 'event that is no list', at: 'session', send: text('42{"a":1}'), outcome: 'closed' },
  { name: 'event without name', at: 'session', send: text('42[]'), outcome: 'closed' },
  { name: 'event whose name is an object', at: 'session', send: text('42[{}]'), outcome: 'closed' },
  { name: 'reserved event name', at: 'session', send: text('42["connect",{}]'), outcome: 'closed' },
  { name: 'event with broken JSON', at: 'session', send: text('421["subscribe",{"id":'), outcome: 'closed' },
  {
    name: 'JSON nested beyond measure',
    at: 'session',
    send: text(`42["subscribe",${'['.repeat(30_000)}${']'.repeat(30_000)}]`),
    outcome: /^42\["notice",\{"code":"invalid-request"/,
  },
  { name: 'second CONNECT', at: 'session', send: text('40{"token":"x"}'), outcome: 'closed' },
  { name: 'packet that only the hub sends', at: 'session', send: text('44{"message":"no"}'), outcome: 'closed' },
  {
    name: 'binary event that promises attachments',
    at: 'session',
    send: text('452-["a",{"_placeholder":true,"num":0}]', '42["a"]'),
    outcome: 'closed',
  },
  { name: 'binary event with too many attachments', at: 'session', send: text('45999999-["a"]'), outcome: 'closed' },
  { name: 'acknowledgement of nothing', at: 'session', send: text('43999[]'), outcome: 'ignored' },
  { name: 'event for another namespace', at: 'session', send: text('42/admin,["subscribe",{}]'), outcome: 'closed' },
  {
    name: 'subscribe without acknowledgement',
    at: 'session',
    send: text('42["subscribe",{"id":"quiet","channel":"assets"}]'),
    outcome: /^42\["live",\{"id":"quiet"\}\]$/,
  },
  {
    name: 'wrong subscribe without acknowledgement',
    at: 'session',
    send: text('42["subscribe",{"id":"quiet","channel":"nothing"}]'),
    outcome: /^42\["notice",\{"code":"invalid-channel"/,
  },
  {
    name: 'event with more arguments',
    at: 'session',
    send: text('427["subscribe",{"id":"many","channel":"assets"},{"id":"other","channel":"alerts"}]'),
    outcome: /^437\[\{"ok":true,"id":"many"/,
  },
  {
    name: 'event with acknowledgement and no payload',
    at: 'session',
    send: text('428["subscribe"]'),
    outcome: /^438\[\{"ok":false,"error":\{"code":"invalid-request"/,
  },
  { name: 'event named error', at: 'session', send: text('429["error",{"message":"x"}]'), outcome: 'closed' },
  {
    name: 'acknowledgement number beyond measure',
    at: 'session',
    send: text('4299999999999999999999["subscribe",{"id":"big","channel":"assets"}]'),
    outcome: /^42\["notice",\{"code":"invalid-request"/,
  },
  { name: 'pong that nobody asked for', at: 'session', send: text('3'), outcome: 'ignored' },
  { name: 'ping from the client', at: 'session', send: text('2'), outcome: 'closed' },
  { name: 'upgrade packet', at: 'session', send: text('5'), outcome: 'ignored' },
  { name: 'noop packet', at: 'session', send: text('6'), outcome: 'ignored' },
];
