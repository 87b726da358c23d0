import { callApi, postCloudEvent } from './hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from './hub-process.ts';
import { openStream, type StreamOptions, type StreamReader } from './stream-reader.ts';

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }],
      steward: [{ allow: 'read' }],
      viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
    },
  },
};

export const adminToken = tokenFor({ sub: 'root', roles: ['admin'] });
export const stewardToken = tokenFor({ roles: ['steward'] });

/** The `jti` of a token. */
export function tokenIdOf(token: string): string {
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
  return jti;
}

/** The urn of an asset that `put` has made. */
export const urnOf = (name: string): string => `urn:gov:bank:${name}`;

/** An embedded hub with streams that a test reads, and changes that it makes. */
export class StreamHub {
  readonly #folder = scratchFolder();
  readonly #environment: Readonly<Record<string, string>>;
  readonly #open: StreamReader[] = [];
  #hub: HubProcess | undefined;
  #round = 0;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  get process(): HubProcess {
    if (this.#hub === undefined) throw new Error('the hub has not been started');
    return this.#hub;
  }

  get url(): string {
    return this.process.url;
  }

  async start(): Promise<void> {
    this.#hub = await startHubProcess({ dataDir: this.#folder.path, file, environment: this.#environment });
  }

  /** Kills it and starts it again. */
  async crash(): Promise<void> {
    await this.process.stop('SIGKILL');
    await this.start();
  }

  async put(name: string, asset: object = {}): Promise<void> {
    const id = `${++this.#round}`;
    const data = { asset: { type: 'table', name, description: id, ...asset } };
    const event = { id: `${process.pid}-${id}`, type: 'gov.asset.updated', subject: name, data };
    const { status, body } = await postCloudEvent(this.url, 'events', adminToken, event);
    if (status !== 200) throw new Error(`not taken: ${status} ${JSON.stringify(body)}`);
  }

  /** Many assets at once, `<prefix>-00000` and so on. */
  async putMany(prefix: string, count: number, asset: object = {}): Promise<void> {
    for (let from = 0; from < count; from += 500) {
      const events = Array.from({ length: Math.min(500, count - from) }, (_, index) => {
        const name = `${prefix}-${String(from + index).padStart(5, '0')}`;
        const data = { asset: { type: 'table', name, ...asset } };
        return { specversion: '1.0', source: '/test', id: name, type: 'gov.asset.updated', subject: name, data };
      });
      const { status, text } = await callApi(this.url, '/v1/ingest/events', {
        token: adminToken,
        headers: { 'content-type': 'application/cloudevents-batch+json' },
        body: JSON.stringify(events),
      });
      if (status !== 200) throw new Error(`not taken: ${status} ${text}`);
    }
  }

  async open(
    path: string,
    query: Readonly<Record<string, string>>,
    options: StreamOptions = {},
  ): Promise<StreamReader> {
    const stream = await openStream(this.url, path, query, { token: stewardToken, ...options });
    this.#open.push(stream);
    return stream;
  }

  sse(query: Readonly<Record<string, string>>, options?: StreamOptions): Promise<StreamReader> {
    return this.open('/v1/stream', query, options);
  }

  lines(query: Readonly<Record<string, string>>, options?: StreamOptions): Promise<StreamReader> {
    return this.open('/v1/events', query, options);
  }

  /** A ticket for a selection. */
  async ticket(selection: object, token = stewardToken): Promise<string> {
    const { status, body } = await callApi(this.url, '/v1/stream-tickets', { token, body: JSON.stringify(selection) });
    if (status !== 201) throw new Error(`no ticket: ${status} ${JSON.stringify(body)}`);
    return (body as { ticket: string }).ticket;
  }

  async metric(name: string): Promise<number> {
    const { text } = await callApi(this.url, '/metrics');
    return Number(new RegExp(`^pursight_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  closeStreams(): void {
    for (const stream of this.#open.splice(0)) stream.close();
  }

  async dispose(): Promise<void> {
    this.closeStreams();
    await this.#hub?.stop();
    this.#folder.remove();
  }
}
