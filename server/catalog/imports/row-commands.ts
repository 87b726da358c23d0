import { type JsonObject, utf8Bytes } from '../../../channels/event/json.ts';
import type { Job } from '../../../channels/jobs/job.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { RowOutcome } from '../../../channels/contract/job-schema.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { AssetCommands } from '../asset-commands.ts';
import { maxPatchBytes } from '../contracts/edit-bodies.ts';
import { patchOfCells } from '../csv/csv-patch.ts';
import type { CommandOptions, EditBody, Edited, Guard } from '../resources/command-run.ts';
import { findAsset } from '../resources/find-entity.ts';
import { repeatableOf } from '../resources/repeatable.ts';
import { representationOf } from '../resources/representation.ts';
import type { ImportRow } from './import-row.ts';

export interface RowCommandsOptions extends Omit<CommandOptions, 'commands'> {
  readonly commands: CommandOptions['commands'] & { readonly trial: CommandOptions['commands'] };
}

function bodyOf({ cells, patch = {} }: ImportRow): EditBody {
  return cells === undefined ? patch : (keyed) => patchOfCells(cells, keyed);
}

function newBodyOf({ cells, patch = {} }: ImportRow): JsonObject {
  return cells === undefined ? patch : patchOfCells(cells, {});
}

function assertDoable({ problem, patch, cells, urn, etag }: ImportRow): void {
  if (problem !== undefined) throw new HubError(problem.code, problem.message);
  if (patch !== undefined && utf8Bytes(JSON.stringify(patch)) > maxPatchBytes)
    throw new HubError('message-too-large', `row: must have at most ${maxPatchBytes} bytes`);
  if (cells !== undefined && urn !== undefined && etag === undefined)
    throw new HubError('precondition-required', 'etag: is what the cells were made of; export the asset, or write *');
}

/** Of a row that is refused. What no row is to blame for is for the whole job. @throws HubError internal, storage-unavailable */
function refusal({ line, urn }: ImportRow, thrown: unknown): RowOutcome {
  const { code, message } = HubError.from(thrown);
  if (code === 'internal' || code === 'storage-unavailable') throw thrown;
  const result = code === 'precondition-failed' || code === 'conflict' ? 'conflict' : 'rejected';
  return { line, ...(urn === undefined ? {} : { urn }), result, problem: { code, message } };
}

/** Rows as changes of assets: guarded and judged as single requests of the owner of the job are. */
export class RowCommands {
  readonly #options: RowCommandsOptions;
  readonly #real: AssetCommands;
  readonly #trial: AssetCommands;

  constructor(options: RowCommandsOptions) {
    this.#options = options;
    this.#real = new AssetCommands(options);
    this.#trial = new AssetCommands({ ...options, commands: options.commands.trial });
  }

  /** What the row would do now, to what has this tag, or to what is there. @throws HubError storage-unavailable */
  async plan(job: Job, row: ImportRow, planned = row.etag): Promise<RowOutcome> {
    const { line, urn } = row;
    try {
      assertDoable(row);
      if (urn === undefined) {
        const made = await this.#trial.create(job.owner, newBodyOf(row), this.#guardOf(job, row, undefined));
        return { line, urn: made.urn, result: 'create' };
      }
      const etag = planned === undefined || planned.trim() === '*' ? await this.#etagOf(job.owner, urn) : planned;
      const { changes, event } = await this.#edited(this.#trial, job, row, { ifMatch: etag, repeatable: undefined });
      return { line, urn, result: event === null ? 'unchanged' : 'update', etag, changes: [...changes] };
    } catch (thrown) {
      return refusal(row, thrown);
    }
  }

  /** Does the row, once: as it was planned, if it was. @throws HubError storage-unavailable */
  async apply(job: Job, row: ImportRow, planned?: RowOutcome): Promise<RowOutcome> {
    if (planned !== undefined && planned.result !== 'create' && planned.result !== 'update') return planned;
    const { line } = row;
    try {
      assertDoable(row);
      const guard = this.#guardOf(job, row, planned === undefined ? row.etag : planned.etag);
      const { urn, event, isRepeated, representation } =
        row.urn === undefined
          ? await this.#real.create(job.owner, newBodyOf(row), guard)
          : await this.#edited(this.#real, job, row, guard);
      const done = row.urn === undefined ? 'create' : event === null ? 'unchanged' : 'update';
      return { line, urn, result: isRepeated ? 'duplicate' : done, event, etag: representation.etag };
    } catch (thrown) {
      return refusal(row, thrown);
    }
  }

  #edited(commands: AssetCommands, { owner }: Job, row: ImportRow, guard: Guard): Promise<Edited> {
    return commands.edit(owner, row.urn ?? '', { body: bodyOf(row), guard, mode: { replaces: false } });
  }

  /** A row is remembered by its job and line: done again after a crash it is known. */
  #guardOf({ id, owner }: Job, { line }: ImportRow, ifMatch: string | undefined): Guard {
    const route = 'POST /v1/imports';
    return {
      ifMatch,
      repeatable: repeatableOf(`${id}|${line}`, { principal: owner, route, body: '' }, this.#options.ids),
    };
  }

  async #etagOf(owner: Principal, urn: string): Promise<string> {
    const { store, policy, ids } = this.#options;
    const policyClass = policy.classOf(owner);
    return representationOf(await findAsset(store, policyClass, urn), policyClass, ids).etag;
  }
}
