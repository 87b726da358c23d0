import { mergePatchOf } from '../../../channels/catalog/json-patch.ts';
import type { BatchOperation, BatchResult } from '../../../channels/contract/batch-schema.ts';
import type { PatchOperation } from '../../../channels/contract/json-patch-schema.ts';
import { type JsonObject, utf8Bytes } from '../../../channels/event/json.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import type { EditBody, Guard } from '../resources/command-run.ts';
import type { ResourceCommands } from '../resources/resource.ts';
import { inGroups } from '../in-groups.ts';
import { maxPatchBytes } from '../contracts/edit-bodies.ts';
import type { RepeatableRequest } from '../resources/repeatable.ts';

/** Names one operation of a request, so that it is done once. */
type RepeatableOf = (index: number) => RepeatableRequest | undefined;

/** What is said of one asset is said in the order of the request. Each creation is by itself. */
function groupOf(operation: BatchOperation, index: number): string | number {
  return operation.op === 'create' ? index : operation.urn;
}

/** @throws HubError message-too-large: what one operation says is bounded as that of a request */
function assertSmall({ body }: Exclude<BatchOperation, { readonly op: 'delete' }>): void {
  if (utf8Bytes(JSON.stringify(body)) > maxPatchBytes)
    throw new HubError('message-too-large', `body: must have at most ${maxPatchBytes} bytes`);
}

/** `Array.isArray` does not narrow what is not one. */
function isOperations(body: JsonObject | PatchOperation[]): body is PatchOperation[] {
  return Array.isArray(body);
}

function editOf({ body }: Extract<BatchOperation, { readonly op: 'patch' | 'put' }>): EditBody {
  return isOperations(body) ? (keyed) => mergePatchOf(body, keyed) : body;
}

function assertMatchGiven(ifMatch: string | undefined): void {
  if (ifMatch === undefined)
    throw new HubError('precondition-required', 'ifMatch: send the ETag of the asset as you have seen it');
}

/** Many changes in one request: each is guarded and judged by itself, and one that is refused keeps no other from being done. */
export class AssetBatch {
  readonly #commands: ResourceCommands;

  constructor(commands: ResourceCommands) {
    this.#commands = commands;
  }

  /** In the order of the operations. @throws HubError storage-unavailable */
  async run(
    principal: Principal,
    operations: readonly BatchOperation[],
    repeatableOf: RepeatableOf,
  ): Promise<readonly BatchResult[]> {
    return inGroups(operations, groupOf, async (group) => {
      const results: [number, BatchResult][] = [];
      for (const { index, item } of group)
        results.push([index, await this.#resultOf(principal, item, repeatableOf(index))]);
      return results;
    });
  }

  async #resultOf(
    principal: Principal,
    operation: BatchOperation,
    repeatable: RepeatableRequest | undefined,
  ): Promise<BatchResult> {
    const { op } = operation;
    try {
      return await this.#done(principal, operation, repeatable);
    } catch (thrown) {
      const error = HubError.from(thrown);
      // what no operation is to blame for is for the whole request
      if (error.code === 'internal' || error.code === 'storage-unavailable') throw thrown;
      const named = operation.op === 'create' ? { op } : { op, urn: operation.urn };
      return { ...named, result: 'refused', error: error.toWire() };
    }
  }

  async #done(
    principal: Principal,
    operation: BatchOperation,
    repeatable: RepeatableRequest | undefined,
  ): Promise<BatchResult> {
    const { op } = operation;
    const guard: Guard = { ifMatch: operation.op === 'create' ? undefined : operation.ifMatch, repeatable };
    if (op === 'put' || op === 'delete') assertMatchGiven(guard.ifMatch);
    if (operation.op === 'delete') {
      const { event, isRepeated } = await this.#commands.remove(principal, operation.urn, guard);
      return isRepeated
        ? { op, urn: operation.urn, result: 'repeated' }
        : { op, urn: operation.urn, result: 'done', event };
    }
    assertSmall(operation);
    const edited =
      operation.op === 'create'
        ? await this.#commands.create(principal, operation.body, guard)
        : await this.#commands.edit(principal, operation.urn, {
            ...{ body: editOf(operation), guard },
            mode: { replaces: operation.op === 'put' },
          });
    const named = { op, urn: edited.urn, etag: edited.representation.etag };
    return edited.isRepeated ? { ...named, result: 'repeated' } : { ...named, result: 'done', event: edited.event };
  }
}
