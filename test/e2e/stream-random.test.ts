import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesHere } from '../harness/engines.ts';
import { StreamHub, stewardToken } from '../harness/stream-hub.ts';
import type { StreamReader } from '../harness/stream-reader.ts';

/** A small generator of numbers: the same seed makes the same run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a client with one page of code has: it resumes with its last position, and drops what is not newer. */
abstract class Client {
  readonly events: string[] = [];
  readonly gaps: unknown[] = [];
  readonly #newest = new Map<unknown, string>();
  protected stream: StreamReader | undefined;
  position = '';
  #taken = 0;

  /** Takes what has come, up to the last position, or also what is behind it. */
  protected take(stream: StreamReader): void {
    for (const event of stream.events.slice(this.#taken)) {
      const time = String(event['recordedtime']);
      if (time <= (this.#newest.get(event['subject']) ?? '')) continue;
      this.#newest.set(event['subject'], time);
      this.events.push(`${String(event['subject'])} ${String(event['id'])}`);
    }
    this.#taken = stream.events.length;
  }

  async connect(): Promise<void> {
    this.stream = await (await this.open(this.position)).live();
  }

  disconnect(): void {
    const { stream } = this;
    if (stream === undefined) return;
    this.read();
    stream.close();
    this.gaps.push(...this.gapsOf(stream));
    this.#taken = 0;
    this.stream = undefined;
  }

  read(): void {
    if (this.stream === undefined) return;
    this.take(this.stream);
    this.position = this.positionOf(this.stream) || this.position;
  }

  protected abstract open(position: string): Promise<StreamReader>;
  protected abstract positionOf(stream: StreamReader): string;
  protected abstract gapsOf(stream: StreamReader): readonly unknown[];
}

class SseClient extends Client {
  readonly #hub: StreamHub;

  constructor(hub: StreamHub) {
    super();
    this.#hub = hub;
  }

  protected open(position: string): Promise<StreamReader> {
    return this.#hub.sse(
      { channel: 'assets' },
      { token: stewardToken, headers: position === '' ? {} : { 'last-event-id': position } },
    );
  }

  protected positionOf({ lastEventId }: StreamReader): string {
    return lastEventId;
  }

  protected gapsOf(stream: StreamReader): readonly unknown[] {
    return stream.of('subscribed').flatMap(({ reason }) => reason ?? []);
  }
}

class LineClient extends Client {
  readonly #hub: StreamHub;

  constructor(hub: StreamHub) {
    super();
    this.#hub = hub;
  }

  protected open(position: string): Promise<StreamReader> {
    return this.#hub.lines({ follow: 'true', ...(position === '' ? {} : { after: position }) });
  }

  protected positionOf({ cursor }: StreamReader): string {
    return cursor;
  }

  protected gapsOf({ lines }: StreamReader): readonly unknown[] {
    return lines.flatMap((line) => line['gap'] ?? []);
  }
}

/** By entity: there is no order between entities. */
function byEntity(events: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...new Set(events.map((event) => event.split(' ')[0] ?? ''))].map((subject) => [
      subject,
      events.filter((event) => event.startsWith(`${subject} `)),
    ]),
  );
}

describe.each(await enginesHere())('streams on %s', (engine) => {
  const hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine, PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '50' });
  beforeAll(() => hub.start());
  afterAll(() => hub.dispose());

  const seed = Number(process.env['PURSIGHT_STREAM_SEED'] ?? Date.now() % 1_000_000);
  it(
    `D1 D2 D5 W20: whatever breaks when, nothing is missing or twice (seed ${seed})`,
    { timeout: 120_000 },
    async () => {
      const random = randomOf(seed);
      const clients: readonly Client[] = [
        new SseClient(hub),
        new LineClient(hub),
        new SseClient(hub),
        new LineClient(hub),
      ];
      // each must have a position before it can lose its connection
      for (const client of clients) {
        await client.connect();
        await expect.poll(() => (client.read(), client.position), { timeout: 15_000 }).not.toBe('');
      }
      const start = clients[0]?.position ?? '';
      for (let round = 0; round < 150; round++) {
        await hub.put(`r-${random(12)}`);
        const client = clients[random(clients.length)];
        if (random(4) === 0) client?.disconnect();
        if (random(3) === 0) client?.read();
        if (random(70) === 0) {
          for (const each of clients) each.disconnect();
          await hub.crash();
        }
        const away = clients[random(clients.length)];
        if (random(3) === 0) {
          away?.disconnect();
          await away?.connect();
        }
      }
      for (const client of clients) {
        client.disconnect();
        await client.connect();
        client.disconnect();
      }
      const all = await hub.lines({ after: start });
      await all.until(({ isOver }) => isOver);
      const expected = byEntity(all.events.map(({ subject, id }) => `${String(subject)} ${String(id)}`));
      expect(all.events).toHaveLength(150);
      for (const client of clients) {
        expect(client.gaps).toEqual([]);
        expect(byEntity(client.events)).toEqual(expected);
      }
    },
  );
});
