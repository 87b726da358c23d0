import { randomUUID } from 'node:crypto';
import { hubNamespace } from '../../channels/catalog/change.ts';
import { isGone } from '../../channels/catalog/document.ts';
import type { PatchedPlace } from '../../channels/catalog/keyed-reader.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { planCreation, planEdit } from './edit-plan.ts';
import { assertResult, assertWritable, editorOf, forbidden, isOfPeople } from './edit-rights.ts';
import { type CommandOptions, CommandRun, type Edited, type Guard, type Removed } from './resources/command-run.ts';
import { assertVisibleAsset, findAsset } from './resources/find-entity.ts';
import type { EditRequest, ResourceCommands } from './resources/resource.ts';

const existence: PatchedPlace = { field: 'existence', path: '' };

/** What people do to assets: each command is judged on what its sender sees, before and after. */
export class AssetCommands implements ResourceCommands {
  readonly #options: CommandOptions;
  readonly #run: CommandRun;

  constructor(options: CommandOptions) {
    this.#options = options;
    this.#run = new CommandRun(options);
  }

  /** @throws HubError not-found, precondition-failed, forbidden, invalid-request, idempotency-mismatch, conflict */
  async edit(principal: Principal, written: string, { body, guard, mode }: EditRequest): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    const { policyClass } = editor;
    const { urn } = await findAsset(this.#options.store, policyClass, written);
    let places: readonly PatchedPlace[] = [];
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const asset = this.#run.matching(assertVisibleAsset(document, policyClass), policyClass, guard);
        const plan = planEdit(this.#run.patchOf(body, asset, policyClass), asset, editor, mode);
        ({ places } = plan);
        return [{ ...facts, target: 'asset', action: 'upsert', patch: plan.patch }];
      },
      judge: ({ before, after }) => {
        if (after !== undefined && after !== before) assertResult(editor, places, { before, after });
      },
    });
    return this.#run.edited(principal, policyClass, { kind: 'asset', urn, outcome, guard });
  }

  /** @throws HubError forbidden, invalid-request, idempotency-mismatch */
  async create(principal: Principal, body: JsonObject, guard: Guard): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    // named by the key of the request, so that a repetition finds what it has created
    const urn = `${hubNamespace}:${guard.repeatable?.id ?? randomUUID()}`;
    const { patch, places } = planCreation(body, editor);
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        if (document !== undefined && !isGone(document))
          throw new HubError('idempotency-mismatch', 'idempotency-key: it was used long ago; use a new key');
        return [{ ...facts, target: 'asset', action: 'upsert', patch }];
      },
      judge: ({ after }) => {
        if (after !== undefined) assertResult(editor, places, { before: undefined, after });
      },
    });
    return this.#run.edited(principal, editor.policyClass, { kind: 'asset', urn, outcome, guard });
  }

  /** Leaves a tombstone. Only of what people have created. @throws as edit */
  async remove(principal: Principal, written: string, guard: Guard): Promise<Removed> {
    const editor = editorOf(this.#options.policy, principal);
    const { policyClass } = editor;
    const urn = await this.#run.urnToRemove(policyClass, written, 'asset', guard);
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const asset = this.#run.matching(assertVisibleAsset(document, policyClass), policyClass, guard);
        if (!isOfPeople(asset))
          throw forbidden(
            '',
            'its source says that it exists, and would bring it back; set its status to "deprecated"',
          );
        assertWritable(editor, [existence], asset.head);
        return [{ ...facts, target: 'asset', action: 'delete', purge: false }];
      },
      judge: () => undefined,
    });
    return this.#run.removed(outcome, guard);
  }
}
