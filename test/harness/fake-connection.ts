import type { Packet } from '../../server/transport/packet.ts';
import type { Connection } from '../../server/transport/transport.ts';
import { checkMessage } from './message-form.ts';

/** Requests whose answers are described; a test may send others. */
const acked = { subscribe: 0, unsubscribe: 0, authenticate: 0, search: 0, unsearch: 0 };

type MessageListener = Parameters<Connection['onMessage']>[0];

/** A connection without a network: records what the server does, and lets a test be the client. */
export class FakeConnection implements Connection {
  readonly id: string;
  readonly address: string;
  /** Everything that reached the client, in order: `[event, payload]`, answers as `['ack', answer]`. */
  readonly sent: (readonly [string, unknown])[] = [];
  readonly rooms = new Set<string>();
  /** Rooms joined or left, in order: `+room`, `-room`. */
  readonly moves: string[] = [];
  ended: 'end' | 'terminate' | undefined;
  unreadBytes = 0;
  #onMessage: MessageListener | undefined;
  readonly #onClose: ((reason: string) => void)[] = [];

  constructor(id = 'c1', address = '10.0.0.1') {
    this.id = id;
    this.address = address;
  }

  send(event: string, payload: object): void {
    checkMessage(event, payload);
    this.sent.push([event, payload]);
  }

  sendPacket({ text }: Packet): void {
    const [event, payload] = JSON.parse(text.slice(1)) as [string, unknown];
    checkMessage(event, payload);
    this.sent.push([event, payload]);
  }

  join(room: string): void {
    this.rooms.add(room);
    this.moves.push(`+${room}`);
  }

  leave(room: string): void {
    this.rooms.delete(room);
    this.moves.push(`-${room}`);
  }

  end(): void {
    this.ended ??= 'end';
  }

  terminate(): void {
    this.ended ??= 'terminate';
  }

  bufferedBytes(): number {
    return this.unreadBytes;
  }

  charge(): void {}

  onMessage(listener: MessageListener): void {
    this.#onMessage = listener;
  }

  onClose(listener: (reason: string) => void): void {
    this.#onClose.push(listener);
  }

  /** The client sends a message; resolves with the answer. */
  request(event: string, payload?: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.#onMessage?.(event, payload, (answer) => {
        if (Object.hasOwn(acked, event)) checkMessage(`${event}Ack`, answer);
        this.sent.push(['ack', answer]);
        resolve(answer);
      });
    });
  }

  /** The client sends a message and asks for no answer. */
  tell(event: string, payload?: unknown): void {
    this.#onMessage?.(event, payload, undefined);
  }

  close(reason = 'transport close'): void {
    for (const listener of this.#onClose.splice(0)) listener(reason);
  }

  /** Names of what was sent so far. */
  get names(): readonly string[] {
    return this.sent.map(([name]) => name);
  }

  /** Payload of the last message of a name. */
  last(name: string): unknown {
    return this.sent.findLast(([each]) => each === name)?.[1];
  }
}
