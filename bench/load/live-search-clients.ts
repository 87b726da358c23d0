/** Sessions with one live search each, which measure how long a change takes to them. */
import type { SearchDeltaMessage, SearchQuery, SearchResultMessage } from '../../channels/protocol/search.ts';
import { benchToken } from './bench-token.ts';
import { openRawSocket, type RawSocket } from './raw-socket.ts';

export type ChangeKind = 'update' | 'enter' | 'leave';

/** What was sent last for an entity. */
interface Sent {
  readonly kind: ChangeKind;
  readonly atMs: number;
  readonly seq: number;
}

/** What is on the screens of one query. */
interface Screen {
  urns: string[];
  total: number;
}

/** A step behind it belongs to something else: the entity takes the place of another that left. */
const longestMs = 10_000;

/** `queries` are searched by `subscribers` sessions; the first are the most popular. */
export class LiveSearchClients {
  readonly screens: Screen[];
  readonly latenciesMs: Record<ChangeKind, number[]> = { update: [], enter: [], leave: [] };
  /** Results that changed, each once, however many sessions have it. */
  affected = 0;
  readonly #queries: readonly SearchQuery[];
  readonly #sockets: RawSocket[] = [];
  readonly #sent = new Map<string, Sent>();
  readonly #first = new Map<number, number>();
  readonly #roomOf = new Map<number, string>();

  constructor(queries: readonly SearchQuery[]) {
    this.#queries = queries;
    this.screens = queries.map(() => ({ urns: [], total: 0 }));
  }

  /** Resolves when all have their results. */
  async open(port: number, subscribers: number): Promise<void> {
    for (let number = 0; number < subscribers; number++) {
      const token = benchToken(['steward'], `user-${number % 50}`);
      await new Promise<void>((resolve, reject) => this.#open({ port, token, number, resolve, reject }));
    }
  }

  /** A change of an entity is sent now. */
  note(urn: string, kind: ChangeKind, seq: number): void {
    this.#sent.set(urn, { kind, atMs: performance.now(), seq });
  }

  forgetMeasured(): void {
    for (const each of Object.values(this.latenciesMs)) each.length = 0;
    this.affected = 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  /** Query `n` has a share of about 1/n of the sessions. */
  #queryOf(number: number): number {
    const { length } = this.#queries;
    return number < length ? number : Math.floor(length ** ((number * 0.618_033_988_7) % 1)) - 1;
  }

  #open(options: {
    readonly port: number;
    readonly token: string;
    readonly number: number;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }): void {
    const { port, token, number, resolve, reject } = options;
    const query = this.#queryOf(number);
    const seen = new Set<number>();
    const socket = openRawSocket({
      port,
      path: '/socket.io/?EIO=4&transport=websocket',
      onOpen: () => undefined,
      onClose: (reason) => reject(new Error(`a session ended: ${reason}`)),
      onMessage: (payload) => {
        const text = payload.toString();
        if (text === '2') socket.send('3');
        else if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token, protocol: 1, client: 'bench' })}`);
        else if (text.startsWith('42["welcome"'))
          socket.send(`421${JSON.stringify(['search', { id: 's', ...this.#queries[query] }])}`);
        else if (text.startsWith('42["result"')) {
          this.#result(query, number, JSON.parse(text.slice(2))[1] as SearchResultMessage);
          resolve();
        } else if (text.startsWith('42["delta"'))
          this.#delta(query, number, JSON.parse(text.slice(2))[1] as SearchDeltaMessage, seen);
        else if (text.startsWith('431[{"ok":false')) reject(new Error(text));
      },
    });
    this.#sockets.push(socket);
  }

  #result(query: number, number: number, { room, hits, total }: SearchResultMessage): void {
    if (this.#first.has(query)) return;
    this.#first.set(query, number);
    this.#roomOf.set(query, room);
    this.screens[query] = { urns: hits.map(({ entity }) => entity.urn), total: total.value };
  }

  #delta(query: number, number: number, delta: SearchDeltaMessage, seen: Set<number>): void {
    const nowMs = performance.now();
    for (const change of delta.changes) {
      const urn = 'hit' in change ? change.hit.entity.urn : change.urn;
      const sent = this.#sent.get(urn);
      if (sent === undefined || sent.kind !== change.kind || seen.has(sent.seq)) continue;
      seen.add(sent.seq);
      const latencyMs = nowMs - sent.atMs;
      if (latencyMs < longestMs) this.latenciesMs[sent.kind].push(latencyMs);
    }
    if (this.#first.get(query) === number) this.#show(query, delta);
  }

  #show(query: number, { changes, total }: SearchDeltaMessage): void {
    const screen = this.screens[query];
    if (screen === undefined) return;
    this.affected += 1;
    screen.total = total?.value ?? screen.total;
    for (const change of changes) {
      const urn = 'hit' in change ? change.hit.entity.urn : change.urn;
      if (change.kind === 'leave') screen.urns = screen.urns.filter((each) => each !== urn);
      if (change.kind === 'enter') screen.urns.push(urn);
    }
  }
}
