import { randomUUID } from 'node:crypto';
import { hubNamespace } from '../../channels/catalog/change.ts';
import { type AssetDocument, isGone } from '../../channels/catalog/document.ts';
import type { PatchedPlace } from '../../channels/catalog/keyed-patch.ts';
import type { HubEvent, Op } from '../../channels/event/hub-event.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { maskOf } from '../../channels/wire/mask.ts';
import { maskedOp } from '../../channels/wire/masked-op.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { Command, CommandIntake, CommandOutcome } from '../ingest/command-intake.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { type EditMode, planCreation, planEdit } from './edit-plan.ts';
import { assertResult, assertWritable, type Editor, editorOf, forbidden, isOfPeople } from './edit-rights.ts';
import { assertVisible, findAsset } from './find-asset.ts';
import { hubChange } from './hub-change.ts';
import { assertSameRequest, type RepeatableRequest } from './repeatable.ts';
import { matchesExactly, type Representation, representationOf } from './representation.ts';

export interface AssetCommandsOptions {
  readonly store: DocumentStore;
  readonly commands: CommandIntake;
  readonly policy: Pick<CurrentPolicy, 'classOf' | 'writerOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** How a request is guarded. */
export interface Guard {
  /** `If-Match`: nothing is done unless the caller sees exactly this. */
  readonly ifMatch: string | undefined;
  readonly repeatable: RepeatableRequest | undefined;
}

/** What a command has done, as its sender sees it. */
export interface Edited {
  readonly urn: string;
  readonly representation: Representation;
  readonly changes: readonly Omit<Op, 'labels'>[];
  /** Wire id of the event; null: nothing was altered. */
  readonly event: string | null;
  /** The request was repeated, and had been done before. */
  readonly isRepeated: boolean;
}

const existence: PatchedPlace = { field: 'existence', path: '' };

/** What people do to assets: each command is judged on what its sender sees, before and after. */
export class AssetCommands {
  readonly #options: AssetCommandsOptions;

  constructor(options: AssetCommandsOptions) {
    this.#options = options;
  }

  /** @throws HubError not-found, precondition-failed, forbidden, invalid-request, idempotency-mismatch, conflict */
  async edit(
    principal: Principal,
    written: string,
    { body, guard, mode }: { readonly body: JsonObject; readonly guard: Guard; readonly mode: EditMode },
  ): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    const { urn } = await findAsset(this.#options.store, editor.policyClass, written);
    let places: readonly PatchedPlace[] = [];
    const outcome = await this.#take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const asset = this.#matching(assertVisible(document, editor.policyClass), editor, guard);
        const plan = planEdit(body, asset, editor, mode);
        ({ places } = plan);
        return [{ ...facts, target: 'asset', action: 'upsert', patch: plan.patch }];
      },
      judge: ({ before, after }) => {
        if (after !== undefined && after !== before) assertResult(editor, places, { before, after });
      },
    });
    return this.#edited(principal, editor.policyClass, { urn, outcome, guard });
  }

  /** @throws HubError forbidden, invalid-request, idempotency-mismatch */
  async create(principal: Principal, body: JsonObject, guard: Guard): Promise<Edited> {
    const editor = editorOf(this.#options.policy, principal);
    // named by the key of the request, so that a repetition finds what it has created
    const urn = `${hubNamespace}:${guard.repeatable?.id ?? randomUUID()}`;
    const { patch, places } = planCreation(body, editor);
    const outcome = await this.#take(principal, urn, guard, {
      changesOf: (document, facts) => {
        if (document !== undefined && !isGone(document))
          throw new HubError('idempotency-mismatch', 'idempotency-key: it was used long ago; use a new key');
        return [{ ...facts, target: 'asset', action: 'upsert', patch }];
      },
      judge: ({ after }) => {
        if (after !== undefined) assertResult(editor, places, { before: undefined, after });
      },
    });
    return this.#edited(principal, editor.policyClass, { urn, outcome, guard });
  }

  /** Leaves a tombstone. Only of what people have created. @throws as edit */
  async remove(principal: Principal, written: string, guard: Guard): Promise<void> {
    const editor = editorOf(this.#options.policy, principal);
    const { urn } = await findAsset(this.#options.store, editor.policyClass, written);
    await this.#take(principal, urn, guard, {
      changesOf: (document, facts) => {
        const asset = this.#matching(assertVisible(document, editor.policyClass), editor, guard);
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
  }

  #take(
    { tenant, sub }: Principal,
    urn: string,
    { repeatable }: Guard,
    { changesOf, judge }: Decision,
  ): Promise<CommandOutcome> {
    const messageId = repeatable?.id ?? randomUUID();
    return this.#options.commands.take({
      tenant,
      urn,
      ids: repeatable?.all ?? [],
      changesOf: (document, nowIso) => changesOf(document, hubChange({ tenant, urn, sub, messageId, nowIso })),
      judge,
    });
  }

  #matching(asset: AssetDocument, { policyClass }: Editor, { ifMatch }: Guard): AssetDocument {
    if (ifMatch === undefined) return asset;
    const { etag } = representationOf(asset, policyClass, this.#options.ids);
    if (matchesExactly(ifMatch, etag)) return asset;
    throw new HubError('precondition-failed', 'if-match: the asset is not as you have seen it; read it again');
  }

  /** A repetition gets the asset as it is now. */
  async #edited(principal: Principal, policyClass: PolicyClass, { urn, outcome, guard }: Done): Promise<Edited> {
    const { store, ids, outlet } = this.#options;
    if (outcome.result === 'known') assertSameRequest(guard.repeatable, outcome.ids);
    const document =
      outcome.result === 'done' ? outcome.after : (await store.getMany([{ tenant: principal.tenant, urn }]))[0];
    const representation = representationOf(assertVisible(document, policyClass), policyClass, ids);
    outlet.fetched({ owner: principalKey(principal) }, [representation.delivered]);
    const event = outcome.result === 'done' ? outcome.events[0] : undefined;
    return {
      urn,
      representation,
      changes: event === undefined ? [] : changesOf(event, policyClass),
      event: event === undefined ? null : ids.event(event),
      isRepeated: outcome.result === 'known',
    };
  }
}

/** What makes a command of one kind different from others. */
interface Decision {
  readonly changesOf: (
    document: Parameters<Command['changesOf']>[0],
    facts: ReturnType<typeof hubChange>,
  ) => ReturnType<Command['changesOf']>;
  readonly judge: Command['judge'];
}

interface Done {
  readonly urn: string;
  readonly outcome: CommandOutcome;
  readonly guard: Guard;
}

/** As the event carries them. */
function changesOf(event: HubEvent, policyClass: PolicyClass): Edited['changes'] {
  const mask = maskOf(policyClass);
  return event.data.change.ops
    .flatMap((op) => maskedOp(op, mask) ?? [])
    .map(({ op, path, old, new: next }) => ({
      ...{ op, path },
      ...(old === undefined ? {} : { old }),
      ...(next === undefined ? {} : { new: next }),
    }));
}
