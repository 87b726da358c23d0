import { eventually } from './eventually.ts';

/** One message of a stream of server-sent events. */
export interface SseMessage {
  readonly event: string;
  readonly data: unknown;
}

/** A stream over HTTP, read as bytes come: server-sent events or lines of JSON. */
export class StreamReader {
  readonly status: number;
  readonly headers: Headers;
  /** The whole text so far. */
  text = '';
  /** Last id of server-sent events. */
  lastEventId = '';
  retryMs: number | undefined;
  readonly messages: SseMessage[] = [];
  readonly lines: Record<string, unknown>[] = [];
  isOver = false;
  readonly #abort: AbortController;
  #rest = '';

  constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response);
  }

  close(): void {
    this.#abort.abort();
  }

  /** Data of the messages with this name. */
  of(...names: readonly string[]): readonly Record<string, unknown>[] {
    return this.messages
      .filter(({ event }) => names.includes(event))
      .map(({ data }) => data as Record<string, unknown>);
  }

  /** Wire events of a stream of either kind, in their order. */
  get events(): readonly Record<string, unknown>[] {
    return [...this.of('enter', 'update', 'leave'), ...this.lines.filter((line) => 'kind' in line)];
  }

  get subjects(): readonly unknown[] {
    return this.events.map(({ subject }) => subject);
  }

  /** Cursors of an NDJSON stream. */
  get cursor(): string {
    const cursor = this.lines.findLast((line) => 'cursor' in line)?.['cursor'];
    return typeof cursor === 'string' ? cursor : '';
  }

  async until(isThere: (reader: this) => boolean, timeoutMs = 15_000): Promise<void> {
    await eventually(
      () => {
        if (!isThere(this)) throw new Error(`not there: ${this.status} ${this.text.slice(-2000)}`);
      },
      { timeoutMs },
    );
  }

  async live(): Promise<this> {
    await this.until(({ messages, lines }) =>
      [...messages.map(({ event }) => event === 'live'), ...lines.map((line) => line['live'] === true)].includes(true),
    );
    return this;
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) this.#take(decoder.decode(chunk as Uint8Array, { stream: true }));
    } catch {
      // it broke, or the test has closed it
    }
    this.isOver = true;
  }

  #take(text: string): void {
    this.text += text;
    this.#rest += text;
    const isSse = this.headers.get('content-type') === 'text/event-stream';
    const separator = isSse ? '\n\n' : '\n';
    for (let at = this.#rest.indexOf(separator); at >= 0; at = this.#rest.indexOf(separator)) {
      const part = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + separator.length);
      if (isSse) this.#block(part);
      else this.lines.push(JSON.parse(part) as Record<string, unknown>);
    }
  }

  #block(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    this.lastEventId = fields.get('id') ?? this.lastEventId;
    const retry = fields.get('retry');
    if (retry !== undefined) this.retryMs = Number(retry);
    const data = fields.get('data');
    if (data !== undefined) this.messages.push({ event: fields.get('event') ?? 'message', data: JSON.parse(data) });
  }
}

export interface StreamOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a stream of a hub; resolves with the head of the answer. */
export async function openStream(
  url: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
  { token, headers = {} }: StreamOptions = {},
): Promise<StreamReader> {
  const abort = new AbortController();
  const response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, {
    signal: abort.signal,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  return new StreamReader(response, abort);
}
