import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as bodyOf } from 'node:stream/consumers';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { BadFilter, type Stored, textOf } from './stand-in-filter.ts';
import { type StandInQuery, standInSearch, type StandInSettings } from './stand-in-search.ts';
import { StandInFault, StandInTasks } from './stand-in-tasks.ts';

export interface MeiliStandInOptions {
  /** Documents that a task fails for, with what is wrong with them. */
  readonly refuses?: (document: Stored) => string | undefined;
  /** How long a task takes. */
  readonly taskMs?: () => number;
}

interface StandInIndex {
  readonly documents: Map<string, Stored>;
  settings: StandInSettings;
}

const initialSettings: StandInSettings = {
  searchableAttributes: [],
  displayedAttributes: [],
  filterable: [],
  sortable: [],
  maxValuesPerFacet: 100,
};

function textsIn(value: JsonValue | undefined): readonly string[] {
  return isJsonList(value) ? value.map(textOf) : [];
}

function settingsFrom(raw: JsonObject): StandInSettings {
  const { filterableAttributes, faceting } = raw;
  const patterns = isJsonList(filterableAttributes) ? filterableAttributes : [];
  return {
    searchableAttributes: textsIn(raw['searchableAttributes']),
    displayedAttributes: textsIn(raw['displayedAttributes']),
    filterable: patterns.flatMap((each) => (isJsonObject(each) ? textsIn(each['attributePatterns']) : textOf(each))),
    sortable: textsIn(raw['sortableAttributes']),
    maxValuesPerFacet: Number((isJsonObject(faceting) ? faceting['maxValuesPerFacet'] : undefined) ?? 100),
  };
}

/**
 * A stand-in for a Meilisearch server, behind the routes that the adapter uses, in memory: for where no real one can be had.
 * Tasks, filters, settings, swaps and errors are as there; words match by the rules of the hub, so of the engine itself it
 * says nothing.
 */
export class MeiliStandIn {
  readonly key = 'stand-in-key-of-sixteen-bytes';
  /** Answers everything with 503. */
  isDown = false;
  /** Does the next such request, and breaks the connection instead of answering. */
  losesAnswerTo: string | undefined;
  /** Requests that changed something, in their order. */
  readonly writes: string[] = [];
  readonly #indexes = new Map<string, StandInIndex>();
  readonly #tasks: StandInTasks;
  readonly #options: MeiliStandInOptions;
  readonly #server: Server;

  constructor(options: MeiliStandInOptions = {}) {
    this.#options = options;
    this.#tasks = new StandInTasks(options.taskMs ?? (() => 0));
    this.#server = createServer((request, response) => {
      void this.#respond(request).then(({ status, body }) => {
        const call = `${request.method} ${request.url}`;
        if (call === this.losesAnswerTo) {
          this.losesAnswerTo = undefined;
          request.socket.destroy();
          return;
        }
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Names of all indexes. */
  get indexes(): Iterable<string> {
    return this.#indexes.keys();
  }

  settingsOf(index: string): StandInSettings | undefined {
    return this.#indexes.get(index)?.settings;
  }

  async #respond(request: IncomingMessage): Promise<{ readonly status: number; readonly body: unknown }> {
    try {
      const body = await bodyOf(request);
      if (this.isDown) throw new StandInFault(503, 'unavailable', 'the stand-in is down', 'internal');
      const { pathname } = new URL(request.url ?? '/', 'http://stand-in');
      if (pathname !== '/health' && request.headers.authorization !== `Bearer ${this.key}`)
        throw new StandInFault(403, 'invalid_api_key', 'The provided API key is invalid.', 'auth');
      const answer = this.#answer(`${request.method} ${pathname}`, body === '' ? undefined : JSON.parse(body));
      return { status: isJsonObject(answer) && 'taskUid' in answer ? 202 : 200, body: answer };
    } catch (error) {
      if (error instanceof StandInFault) return { status: error.status, body: error };
      const [status, code] = error instanceof BadFilter ? [400, 'invalid_search_filter'] : [500, 'internal'];
      return { status: Number(status), body: new StandInFault(Number(status), String(code), String(error)) };
    }
  }

  #answer(call: string, body: JsonValue | undefined): unknown {
    const object = isJsonObject(body) ? body : {};
    const list = isJsonList(body) ? body : [];
    const [, index = '', rest = ''] = /^\S+ \/indexes\/([^/]+)\/?(.*)$/.exec(call) ?? [];
    if (!/^GET|multi-search|fetch$/.test(call)) this.writes.push(call);
    switch (call.split(' ')[0] + (index === '' ? ` ${call.split(' ')[1]}` : ` index/${rest}`)) {
      case 'GET /health':
        return { status: 'available' };
      case 'GET /version':
        return { pkgVersion: '1.50.0', commitSha: 'stand-in', commitDate: 'unknown' };
      case 'GET /stats':
        return { databaseSize: 0, lastUpdate: null, indexes: Object.fromEntries(this.#counts()) };
      case 'GET /tasks':
        // asked for exchanges of names that are not done only
        return { results: [], total: this.#tasks.pending('indexSwap') };
      case 'POST /multi-search':
        return { results: this.#searches(object['queries']) };
      case 'POST /swap-indexes':
        return this.#tasks.add('indexSwap', null, () => this.#swap(list));
      case 'POST /indexes':
        return this.#tasks.add('indexCreation', textOf(object['uid']), () => this.#create(textOf(object['uid'])));
      case 'DELETE index/':
        return this.#tasks.add('indexDeletion', index, () => void this.#indexes.delete(this.#named(index) && index));
      case 'PATCH index/settings':
        return this.#tasks.add(
          'settingsUpdate',
          index,
          () => void (this.#named(index).settings = settingsFrom(object)),
        );
      case 'POST index/documents':
        return this.#tasks.add('documentAdditionOrUpdate', index, () => this.#put(index, list));
      case 'POST index/documents/delete-batch':
        return this.#tasks.add('documentDeletion', index, () => this.#remove(index, list));
      case 'POST index/documents/fetch':
        return this.#fetch(index, object);
      default:
        return this.#task(call);
    }
  }

  #task(call: string): object {
    const [, uid] = /^GET \/tasks\/(\d+)$/.exec(call) ?? [];
    if (uid === undefined) throw new StandInFault(404, 'not_found', `the stand-in has no ${call}`);
    return this.#tasks.find(Number(uid));
  }

  #named(index: string): StandInIndex {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new StandInFault(404, 'index_not_found', `Index \`${index}\` not found.`);
    return found;
  }

  #create(index: string): void {
    if (this.#indexes.has(index))
      throw new StandInFault(409, 'index_already_exists', `Index \`${index}\` already exists.`);
    this.#indexes.set(index, { documents: new Map(), settings: initialSettings });
  }

  /** All of them or, if there is something wrong with one, none. */
  #put(index: string, documents: readonly JsonValue[]): void {
    const objects = documents.filter((each) => isJsonObject(each));
    for (const document of objects) {
      const { id } = document;
      if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{1,511}$/.test(id))
        throw new StandInFault(400, 'invalid_document_id', `Document identifier \`${textOf(id)}\` is invalid.`);
      const problem = this.#options.refuses?.(document);
      if (problem !== undefined) throw new StandInFault(400, 'invalid_document_fields', problem);
    }
    if (!this.#indexes.has(index)) this.#create(index);
    for (const document of objects) this.#named(index).documents.set(textOf(document['id']), document);
  }

  #remove(index: string, ids: readonly JsonValue[]): void {
    for (const id of ids) this.#named(index).documents.delete(textOf(id));
  }

  #swap(pairs: readonly JsonValue[]): void {
    const named = pairs.map((pair) => (isJsonObject(pair) ? textsIn(pair['indexes']) : []));
    for (const name of named.flat()) this.#named(name);
    for (const [one = '', other = ''] of named) {
      const [first, second] = [this.#named(one), this.#named(other)];
      this.#indexes.set(one, second);
      this.#indexes.set(other, first);
    }
  }

  #searches(queries: JsonValue | undefined): readonly object[] {
    return (isJsonList(queries) ? queries : []).map((query) => {
      const { indexUid, ...rest } = isJsonObject(query) ? query : {};
      const index = this.#indexes.get(textOf(indexUid));
      // with several searches it is the request that is wrong
      if (index === undefined)
        throw new StandInFault(400, 'index_not_found', `Index \`${textOf(indexUid)}\` not found.`);
      return { indexUid, ...standInSearch(index.documents.values(), index.settings, rest as StandInQuery) };
    });
  }

  #fetch(index: string, { ids, fields, offset, limit }: JsonObject): object {
    const { documents } = this.#named(index);
    const named = isJsonList(ids) ? ids.map((id) => documents.get(textOf(id))) : [...documents.values()];
    const wanted = named.filter((each) => each !== undefined);
    const from = Number(offset ?? 0);
    const results = wanted
      .slice(from, from + Number(limit ?? 20))
      .map((document) =>
        Object.fromEntries(textsIn(fields).flatMap((name) => (name in document ? [[name, document[name]]] : []))),
      );
    return { results, offset: from, limit: Number(limit ?? 20), total: wanted.length };
  }

  #counts(): readonly (readonly [string, object])[] {
    return [...this.#indexes].map(([name, { documents }]) => [
      name,
      { numberOfDocuments: documents.size, isIndexing: false },
    ]);
  }
}
