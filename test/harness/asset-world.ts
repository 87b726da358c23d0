import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedCatalogStore } from '../../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment } from '../../adapters/embedded/embedded-environment.ts';
import { createEmbeddedEventJournal } from '../../adapters/embedded/embedded-event-journal.ts';
import { createEmbeddedEventLog } from '../../adapters/embedded/embedded-event-log.ts';
import type { AssetPatch, Change } from '../../channels/catalog/change.ts';
import type { Grant } from '../../channels/policy/policy.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { CommitBatch } from '../../channels/ports/document-store.ts';
import type { EventJournal } from '../../channels/ports/event-journal.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { catalogRoutes } from '../../server/catalog/catalog-routes.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { bulkRoutes } from '../../server/catalog/jobs/bulk-routes.ts';
import { createBulkWorker } from '../../server/catalog/jobs/bulk-worker.ts';
import type { JobWorker } from '../../server/catalog/jobs/job-worker.ts';
import { MemoryEventJournal } from './memory-event-journal.ts';
import { graphqlRoutes } from '../../server/graphql/graphql-routes.ts';
import { createOutlet } from '../../server/delivery/outlet/outlet.ts';
import type { Route, SignedInCall } from '../../server/http/route.ts';
import { createRouter } from '../../server/http/router.ts';
import { createIntakePart, type IntakePart } from '../../server/ingest/intake-part.ts';
import { createMetrics } from '../../server/observability/metrics.ts';
import { CurrentPolicy } from '../../server/policy/current-policy.ts';
import { createSealer } from '../../server/sealing/sealer.ts';
import { createOpaqueIds } from '../../server/sealing/opaque-ids.ts';
import { assertDescribed } from './api-description.ts';
import { assetChange } from './changes.ts';
import { FakeHttpStream } from './fake-http-stream.ts';
import { noneIsNewer, silentLogger } from './silence.ts';
import { testTurns } from './test-turns.ts';
import { heldBody, type HttpResponse } from '../../server/transport/http.ts';

/** What a world is stored in; `reopen` is a restart of the process. */
export interface AssetStorage {
  readonly mode: 'embedded' | 'cluster';
  readonly store: CatalogStore;
  readonly log: EventLog;
  readonly journal: EventJournal;
  close(): Promise<void>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of a body that is no JSON object the whole. */
  readonly text: string;
  /** Code of an error. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export interface CallOptions {
  readonly role?: string;
  readonly sub?: string;
  readonly tenant?: string;
  readonly claims?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function embeddedStorage(folder: string): Promise<AssetStorage> {
  const environment = await createEmbeddedEnvironment({ folder });
  const log = await createEmbeddedEventLog({ environment, clock: { now: () => Date.now() } });
  const store = createEmbeddedCatalogStore({ environment, log });
  const journal = createEmbeddedEventJournal({ environment, epoch: log.epoch });
  const close = async (): Promise<void> => {
    for (const each of [log, journal, store, environment]) await each.close();
  };
  return { mode: 'embedded', store, log, journal, close };
}

/** In a folder of its own. */
export type EmbeddedAssetWorld = AssetWorld & AsyncDisposable & { readonly folder: string };

/** The routes of assets with all that is behind them, as a process has it, and a source that scans. */
export class AssetWorld {
  readonly policy: CurrentPolicy;
  /** Requests that a route has answered for a field of GraphQL. */
  calls = 0;
  /** Of fields of GraphQL. */
  readonly faults: HubError[] = [];
  /** Called before each commit of a request: what another process does meanwhile. */
  onCommit: () => Promise<unknown> = async () => undefined;
  lineageTimeMs = 30_000;
  jobLimits = { maxBytes: 1 << 20, keptBytes: 1 << 22 };
  /** Subjects whose tokens are revoked. */
  readonly revoked = new Set<string>();
  readonly #leases = new MemoryEventJournal(() => Date.now());
  #storage: AssetStorage;
  #part: IntakePart;
  #source: IntakePart;
  #minute = 0;

  constructor(storage: AssetStorage, roles: Readonly<Record<string, readonly Grant[]>>) {
    this.policy = new CurrentPolicy({ version: 1, roles });
    this.#storage = storage;
    [this.#part, this.#source] = this.#processes();
  }

  static async embedded(roles: Readonly<Record<string, readonly Grant[]>>): Promise<EmbeddedAssetWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'hub-assets-'));
    const world = new AssetWorld(await embeddedStorage(folder), roles);
    return Object.assign(world, {
      folder,
      [Symbol.asyncDispose]: async () => {
        await world.close();
        await rm(folder, { recursive: true });
      },
    });
  }

  get store(): CatalogStore {
    return this.#storage.store;
  }

  async close(): Promise<void> {
    for (const part of [this.#part, this.#source]) await part.stop?.();
    await this.#storage.close();
  }

  /** The process ends and another one begins with what is stored. */
  async restart(open: () => Promise<AssetStorage>): Promise<void> {
    await this.close();
    this.#storage = await open();
    [this.#part, this.#source] = this.#processes();
  }

  /** A message of a source with the whole asset. Returns the number of events. */
  async scan(patch: AssetPatch, urn = 'urn:gov:warehouse:orders', connector = 'warehouse', late = 0): Promise<number> {
    this.#minute += 1;
    const time = new Date(Date.UTC(2026, 4, 4, 8, this.#minute - late)).toISOString();
    const facts = { urn, connector, time, nativeId: urn, messageId: `scan-${connector}-${this.#minute}` };
    return this.#source.intake.takeChanges('acme', [[assetChange(patch, facts)]]);
  }

  /** A message of a source with anything. */
  async send(...changes: readonly Change[]): Promise<number> {
    return this.#source.intake.takeChanges('acme', [changes]);
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<HttpAnswer> {
    const { role = 'steward', sub = 'ada', tenant = 'acme', claims = {}, body, headers = {} } = options;
    const principal = { tenant, sub, roles: [role], claims, expiresAtMs: Number.MAX_SAFE_INTEGER };
    const router = createRouter({
      routes: this.#routes(),
      policy: this.policy,
      verify: async () => principal,
      onError: (error) => {
        if (error.code === 'internal') throw error.cause;
      },
    });
    const [pathname = '', query = ''] = path.split('?');
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await router({
      ...{ method, path: pathname, peer: '127.0.0.1', query: new URLSearchParams(query) },
      headers: { authorization: 'Bearer x', 'content-type': type, ...headers },
      ...heldBody(bytesOf(body)),
    });
    const text = await textOf(response);
    response.onTaken?.();
    const contentType = response.headers?.['content-type'] ?? '';
    await assertDescribed({ method, path: pathname, status: response.status, contentType, text });
    const isObject = /^application\/(\S+\+)?json/.test(contentType);
    const parsed = isObject && text !== '' ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
    return {
      status: response.status,
      headers: response.headers ?? {},
      ...{ body: parsed, text },
      ...errorIn(response.status, parsed),
    };
  }

  /** A worker of a process of its own, which has started. */
  worker(node = 'w1'): JobWorker {
    const { store } = this.#storage;
    const worker = createBulkWorker({
      ...{ store, policy: this.policy, turns: testTurns(), ids: createOpaqueIds('test'), leases: this.#leases, node },
      ...{ clock: { now: () => Date.now(), elapsedMs: () => performance.now() }, logger: silentLogger },
      ...{ commands: this.#part.commands, jobLimits: this.jobLimits, onNewer: noneIsNewer, retentionMs: 60_000 },
      assertGood: async ({ sub }) => {
        if (this.revoked.has(sub)) throw new HubError('token-revoked', 'token: revoked by an administrator');
      },
      everyMs: 10,
    });
    worker.start();
    return worker;
  }

  /** One that answers requests, and one that reads the source. */
  #processes(): [IntakePart, IntakePart] {
    const { store } = this.#storage;
    const hooked: CatalogStore = new Proxy(store, {
      get: (target, name) => {
        if (name !== 'commit') return bound(target, name);
        return async (batch: CommitBatch) => {
          await this.onCommit();
          return target.commit(batch);
        };
      },
    });
    return [this.#parts(hooked), this.#parts(store)];
  }

  #parts(store: CatalogStore): IntakePart {
    const { log, mode } = this.#storage;
    const [clock, metrics] = [{ now: () => Date.now(), elapsedMs: () => performance.now() }, createMetrics()];
    const common = { store, log, mode, clock, metrics, policy: this.policy, turns: testTurns(), logger: silentLogger };
    return createIntakePart({ ...common, ids: createOpaqueIds('test'), settings: { messageIdWindowMs: 3_600_000 } });
  }

  #routes(): ReturnType<typeof catalogRoutes> {
    const { store, log, journal } = this.#storage;
    const { commands } = this.#part;
    const common = { store, log, journal, commands, policy: this.policy, turns: testTurns() };
    const routes = catalogRoutes({
      ...common,
      lineageTimeMs: this.lineageTimeMs,
      ids: createOpaqueIds('test'),
      outlet: createOutlet([]),
      sealer: createSealer(['test']),
      assertGood: () => Promise.resolve(),
    });
    const bulk = bulkRoutes({
      ...{ store, commands, policy: this.policy, turns: testTurns(), ids: createOpaqueIds('test') },
      ...{ outlet: createOutlet([]), clock: { now: () => Date.now() }, logger: silentLogger },
      ...{ jobLimits: this.jobLimits, assertGood: () => Promise.resolve() },
    });
    const counted = routes.map((each): Route => {
      if (each.access !== 'signed-in') return each;
      return {
        ...each,
        respond: (call: SignedInCall) => {
          this.calls += 1;
          return each.respond(call);
        },
      };
    });
    return [
      ...routes,
      ...bulk,
      ...graphqlRoutes({
        routes: counted,
        verify: () => Promise.reject(new Error('no streams here')),
        turns: testTurns(),
        onFault: (error) => this.faults.push(error),
      }),
    ];
  }
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

/** Of a stream what it has sent until its end. @throws for one that breaks off */
async function textOf({ body = '' }: HttpResponse): Promise<string> {
  if (typeof body !== 'function') return Buffer.from(body).toString();
  const stream = new FakeHttpStream();
  body(stream);
  await new Promise<void>((resolve) => stream.onClose(resolve));
  if (stream.ended === 'abort') throw new Error(`broke off after ${stream.text.slice(-200)}`);
  return stream.text;
}

function bytesOf(body: unknown): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}

/** Of an error answer, in whatever form the hub has it. */
function errorIn(status: number, body: HttpAnswer['body']): Pick<HttpAnswer, 'code' | 'message'> {
  if (status < 400) return { code: undefined, message: undefined };
  const { code, message, detail } = (body['error'] ?? body) as { code?: string; message?: string; detail?: string };
  return { code, message: message ?? detail };
}
