import { HubError } from '../../channels/protocol/hub-error.ts';
import type {
  IndexBatch,
  IndexPosition,
  IndexReport,
  IndexRow,
  RemovedRow,
} from '../../channels/ports/search-index.ts';
import type { IndexNames, IndexSet } from './index-names.ts';
import { documentSettings, stateSettings } from './index-settings.ts';
import type { MeiliApi, TaskEnd } from './meili-api.ts';
import { heldDocuments, versionsQuery } from './search-query.ts';
import { positionId, rowId, storedPosition, storedRow } from './stored-row.ts';

/** Where a batch goes. */
export interface WriteTarget {
  readonly set: IndexSet;
  readonly build: string;
}

interface TenantChanges {
  readonly index: string;
  readonly rows: readonly IndexRow[];
  readonly removed: readonly RemovedRow[];
}

type Refused = IndexReport['refused'][number];

function sum(reports: readonly IndexReport[]): IndexReport {
  const begun = reports.flatMap((report) => report.begun ?? []);
  return {
    stale: reports.reduce((total, { stale }) => total + stale, 0),
    refused: reports.flatMap(({ refused }) => refused),
    ...(begun.length > 0 && { begun }),
  };
}

function halvesOf<Item>(items: readonly Item[]): readonly [readonly Item[], readonly Item[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/**
 * Writes batches. What one tenant has of a batch is one request to remove and one to add, which the server takes together; the
 * position goes with what is added, so whoever sees it sees the documents. The position of all follows when every tenant is done.
 */
export class IndexWriter {
  readonly #api: MeiliApi;
  readonly #names: IndexNames;
  /** Indexes that are there, with their settings. */
  readonly #ready = new Map<string, Promise<void>>();
  readonly #now: () => number;
  #order = 0;

  constructor(options: { readonly api: MeiliApi; readonly names: IndexNames; readonly now: () => number }) {
    this.#api = options.api;
    this.#names = options.names;
    this.#now = options.now;
  }

  /** Names of indexes mean others now. */
  forget(): void {
    this.#ready.clear();
  }

  async write(
    { rows, removed, position }: IndexBatch,
    target: WriteTarget,
    signal?: AbortSignal,
  ): Promise<IndexReport> {
    // searches ask for both: it is there before the first index with documents
    await this.ensure(this.#names.state(target.set), target.build, signal);
    const tenants = new Set([...rows, ...removed].map(({ tenant }) => tenant));
    const reports = await Promise.all(
      [...tenants].map(async (tenant) => {
        const index = this.#names.ofTenant(tenant, target.set);
        const isBegun = await this.#ensureThere(index, target.build, signal);
        const isOurs = (each: { readonly tenant: string }): boolean => each.tenant === tenant;
        const changes = { index, rows: rows.filter(isOurs), removed: removed.filter(isOurs) };
        const report = await this.#tenant(changes, position, target, signal);
        return isBegun ? { ...report, begun: [tenant] } : report;
      }),
    );
    if (position !== undefined) await this.writeState(position, target, signal);
    return sum(reports);
  }

  /** The record of the position of all tenants. */
  async writeState(
    position: IndexPosition | undefined,
    { set, build }: WriteTarget,
    signal?: AbortSignal,
  ): Promise<void> {
    const index = this.#names.state(set);
    await this.ensure(index, build, signal);
    const body = [storedPosition(position, build, this.#nextOrder())];
    await this.#api.run('post', { path: `indexes/${index}/documents`, params: { primaryKey: 'id' }, body, signal });
  }

  /** Gives an index its settings again. */
  async restore(index: string): Promise<void> {
    await this.#api.run('patch', { path: `indexes/${index}/settings`, body: this.#settingsOf(index) });
  }

  /**
   * The same for an index that somebody may have removed: the server would make another with the next document, without
   * settings. True if there was none.
   */
  async #ensureThere(index: string, build: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (await this.#hasRecord(index)) return false;
    this.#ready.delete(index);
    await this.ensure(index, build, signal);
    return true;
  }

  /** The index is there and has its settings, before the first document: each change of them later is a new build of all. */
  ensure(index: string, build: string, signal?: AbortSignal): Promise<void> {
    const held = this.#ready.get(index);
    if (held !== undefined) return held;
    const made = this.#make(index, build, signal);
    this.#ready.set(index, made);
    made.catch(() => this.#ready.delete(index));
    return made;
  }

  /** The record of the position comes last: an index that has it has its settings, too. */
  async #make(index: string, build: string, signal: AbortSignal | undefined): Promise<void> {
    if (await this.#hasRecord(index)) return;
    // it may be there already, from an attempt that came to no end
    const created = await this.#api.enqueue('post', {
      path: 'indexes',
      body: { uid: index, primaryKey: 'id' },
      signal,
    });
    await this.#api.finished(created, signal);
    await this.#api.run('patch', { path: `indexes/${index}/settings`, body: this.#settingsOf(index), signal });
    const body = [storedPosition(undefined, build, 0)];
    await this.#api.run('post', { path: `indexes/${index}/documents`, body, signal });
  }

  #settingsOf(index: string): object {
    const isState = [this.#names.state('live'), this.#names.state('next')].includes(index);
    return isState ? stateSettings : documentSettings;
  }

  async #hasRecord(index: string): Promise<boolean> {
    const answer = await this.#api.documents(index, versionsQuery({ ids: [positionId], limit: 1 }));
    return answer !== undefined && heldDocuments(answer).total > 0;
  }

  async #tenant(
    { index, rows, removed }: TenantChanges,
    position: IndexPosition | undefined,
    target: WriteTarget,
    signal: AbortSignal | undefined,
  ): Promise<IndexReport> {
    const held = await this.#versions(index, [...rows, ...removed]);
    const isKnown = ({ tenant, urn, version }: RemovedRow): boolean => (held.get(rowId(tenant, urn)) ?? 0) <= version;
    const gone = removed.filter(isKnown).map(({ tenant, urn }) => rowId(tenant, urn));
    const fresh = rows.filter(isKnown);
    const added = fresh.filter(({ tenant, urn, version }) => held.get(rowId(tenant, urn)) !== version);
    const stale = removed.length - gone.length + rows.length - fresh.length;
    const present = gone.filter((id) => held.has(id));
    signal?.throwIfAborted();
    const removal =
      present.length === 0
        ? undefined
        : await this.#api.enqueue('post', { path: `indexes/${index}/documents/delete-batch`, body: present, signal });
    const records = position === undefined ? [] : [storedPosition(position, target.build, this.#nextOrder())];
    const refused = await this.#add(index, added, records, target, signal);
    if (removal !== undefined) await this.#api.finished(removal, signal);
    return { stale, refused };
  }

  /** A batch that fails because of a document is halved until that one is alone; the position is written with the last. */
  async #add(
    index: string,
    rows: readonly IndexRow[],
    records: readonly object[],
    target: WriteTarget,
    signal: AbortSignal | undefined,
  ): Promise<readonly Refused[]> {
    const body = [...rows.map((row) => storedRow(row, target.build)), ...records];
    if (body.length === 0) return [];
    const end = await this.#post(index, body, signal);
    if (end.ok) return [];
    const [row] = rows;
    if (row === undefined || (rows.length === 1 && records.length === 0))
      return row === undefined ? [] : [{ tenant: row.tenant, urn: row.urn, problem: end.problem }];
    const [first, second] = rows.length === 1 ? [rows, []] : halvesOf(rows);
    return [
      ...(await this.#add(index, first, [], target, signal)),
      ...(await this.#add(index, second, records, target, signal)),
    ];
  }

  /** What is not even accepted, such as too many bytes, has failed like a task. */
  async #post(index: string, body: readonly object[], signal: AbortSignal | undefined): Promise<TaskEnd> {
    try {
      const uid = await this.#api.enqueue('post', { path: `indexes/${index}/documents`, body, signal });
      return await this.#api.finished(uid, signal);
    } catch (error) {
      if (error instanceof HubError && error.code === 'internal')
        return { ok: false, problem: error.operatorMessage ?? error.message };
      throw error;
    }
  }

  async #versions(index: string, keys: readonly RemovedRow[]): Promise<ReadonlyMap<string, number>> {
    const ids = keys.map(({ tenant, urn }) => rowId(tenant, urn));
    const answer =
      ids.length === 0 ? undefined : await this.#api.documents(index, versionsQuery({ ids, limit: ids.length }));
    const documents = answer === undefined ? [] : heldDocuments(answer).documents;
    return new Map(documents.map(({ id, version }) => [id, version]));
  }

  /** Grows also from one process to the next. */
  #nextOrder(): number {
    this.#order = Math.max(this.#order + 1, this.#now());
    return this.#order;
  }
}
