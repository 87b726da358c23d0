import { randomUUID } from 'node:crypto';
import { hubNamespace } from '../../../channels/catalog/change.ts';
import { type CatalogDocument, isGone } from '../../../channels/catalog/document.ts';
import { type EditableKind, type EntityEdit, parseEntityEdit } from '../../../channels/catalog/entity-edit.ts';
import type { PatchedPlace } from '../../../channels/catalog/keyed-reader.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { assertResult, assertWritable, type Editor, editorOf, forbidden } from '../edit-rights.ts';
import { type CommandOptions, CommandRun, type Edited, type Guard, type Removed } from '../resources/command-run.ts';
import { assertVisible, findEntity } from '../resources/find-entity.ts';
import type { EditRequest, ResourceCommands } from '../resources/resource.ts';
import { assertProtection, editable } from './entity-rights.ts';

const existence: PatchedPlace = { field: 'existence', path: '' };

/** What people do to entities of a kind that they make themselves, each command judged before and after. */
export class EntityCommands implements ResourceCommands {
  readonly #kind: EditableKind;
  readonly #options: CommandOptions;
  readonly #run: CommandRun;

  constructor(kind: EditableKind, options: CommandOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#run = new CommandRun(options);
  }

  /** @throws HubError not-found, precondition-failed, forbidden, invalid-request, idempotency-mismatch, conflict */
  async edit(principal: Principal, written: string, { body, guard, mode }: EditRequest): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    const kind = this.#kind;
    const { urn } = await findEntity(this.#options.store, editor.policyClass, written, kind);
    let places: readonly PatchedPlace[] = [];
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const held = editable(this.#visible(document, editor, guard), editor);
        const said = this.#run.patchOf(body, held, editor.policyClass);
        const edit = parseEntityEdit(kind, said, held, mode.replaces);
        ({ places } = edit);
        assertWritable(editor, places, held.head);
        return [{ ...facts, ...edit.said, action: 'upsert' }];
      },
      judge: ({ before, after }) => {
        if (after === undefined || after === before) return;
        assertResult(editor, places, { before, after });
        assertProtection(editor, { before, after });
      },
    });
    return this.#run.edited(principal, editor.policyClass, { kind, urn, outcome, guard });
  }

  /** @throws HubError forbidden, invalid-request, already-exists, idempotency-mismatch */
  async create(principal: Principal, body: JsonObject, guard: Guard): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    const edit = parseEntityEdit(this.#kind, body, undefined, true);
    await this.#assertEnds(edit, editor);
    // named by the key of the request, so that a repetition finds what it has created
    const urn = edit.urn ?? `${hubNamespace}:${guard.repeatable?.id ?? randomUUID()}`;
    const places = [existence, ...edit.places.filter(({ path }) => Object.hasOwn(body, path.split('/')[1] ?? ''))];
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        if (document !== undefined && !isGone(document)) throw this.#taken(document, editor);
        return [{ ...facts, ...edit.said, action: 'upsert' }];
      },
      judge: ({ before, after }) => {
        if (after === undefined) return;
        assertResult(editor, places, { before: undefined, after });
        assertProtection(editor, { before, after });
      },
    });
    return this.#run.edited(principal, editor.policyClass, { kind: this.#kind, urn, outcome, guard });
  }

  /** Leaves a tombstone. @throws as edit */
  async remove(principal: Principal, written: string, guard: Guard): Promise<Removed> {
    const editor = editorOf(this.#options.policy, principal);
    const target = this.#kind;
    const urn = await this.#run.urnToRemove(editor.policyClass, written, target, guard);
    const outcome = await this.#run.take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const held = editable(this.#visible(document, editor, guard), editor);
        assertWritable(editor, [existence], held.head);
        return [{ ...facts, target, action: 'delete' }];
      },
      judge: ({ before, after }) => {
        if (after !== undefined) assertProtection(editor, { before, after });
      },
    });
    return this.#run.removed(outcome, guard);
  }

  #visible(document: CatalogDocument | undefined, { policyClass }: Editor, guard: Guard): CatalogDocument {
    return this.#run.matching(assertVisible(document, policyClass, this.#kind), policyClass, guard);
  }

  /** Whoever does not see what is there learns no more than somebody who may not create it. */
  #taken(document: CatalogDocument, { policyClass }: Editor): HubError {
    if (!policyClass.mayRead(document.head)) return forbidden('', `no grant allows you to create this ${this.#kind}`);
    const { urn } = document;
    return new HubError('already-exists', `urn: there is a ${document.kind} with it already`, {
      publicDetails: { urn },
    });
  }

  /** Nobody relates what he does not see: the answer is the same as for what does not exist. @throws HubError invalid-request */
  async #assertEnds({ said }: EntityEdit, { policyClass }: Editor): Promise<void> {
    if (said.target !== 'relationship') return;
    const { tenant, mayRead } = policyClass;
    const ends = ['from', 'to'] as const;
    const found = await this.#options.store.getMany(ends.map((end) => ({ tenant, urn: said.patch[end] })));
    for (const [index, end] of ends.entries()) {
      const document = found[index];
      if (document === undefined || isGone(document) || !mayRead(document.head))
        throw new HubError('invalid-request', `/${end}: it does not exist, or you may not see it`, {
          publicDetails: { path: `/${end}` },
        });
    }
  }
}
