import { randomUUID } from 'node:crypto';
import type { Change } from '../../channels/catalog/change.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import { parseKeyedPatch } from '../../channels/catalog/keyed-patch.ts';
import type { HubEvent, Op } from '../../channels/event/hub-event.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { maskOf } from '../../channels/wire/mask.ts';
import { maskedOp } from '../../channels/wire/masked-op.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import type { CommandIntake, CommandOutcome } from '../ingest/command-intake.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { assertRejectable, assertResult, assertWritable, type Editor } from './edit-rights.ts';
import { assertVisible, findAsset } from './find-asset.ts';
import { hubChange } from './hub-change.ts';
import { assertUnmasked, replacedPlaces, shownAsset } from './masked-places.ts';
import { matchesExactly, type Representation, representationOf } from './representation.ts';
import { assertSameRequest, type RepeatableRequest } from './repeatable.ts';

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
  readonly representation: Representation;
  readonly changes: readonly Omit<Op, 'labels'>[];
  /** Wire id of the event; null: nothing was altered. */
  readonly event: string | null;
  /** The request was repeated, and had been done before. */
  readonly isRepeated: boolean;
}

/** What people do to assets: each command is judged on what its sender sees, before and after. */
export class AssetCommands {
  readonly #options: AssetCommandsOptions;

  constructor(options: AssetCommandsOptions) {
    this.#options = options;
  }

  editorOf(principal: Principal): Editor {
    const { policy } = this.#options;
    return { sub: principal.sub, policyClass: policy.classOf(principal), writer: policy.writerOf(principal) };
  }

  /** @throws HubError not-found, precondition-failed, forbidden, invalid-request, idempotency-mismatch, conflict */
  async patch(principal: Principal, written: string, body: JsonObject, guard: Guard): Promise<Edited> {
    return this.#edit(principal, written, body, guard, false);
  }

  /** What people say is replaced by the body. @throws as patch */
  async replace(principal: Principal, written: string, body: JsonObject, guard: Guard): Promise<Edited> {
    return this.#edit(principal, written, body, guard, true);
  }

  async #edit(
    principal: Principal,
    written: string,
    body: JsonObject,
    guard: Guard,
    replaces: boolean,
  ): Promise<Edited> {
    const { commands, store } = this.#options;
    const { tenant } = principal;
    const editor = this.editorOf(principal);
    const { urn } = await findAsset(store, editor.policyClass, written);
    const messageId = guard.repeatable?.id ?? randomUUID();
    let places: ReturnType<typeof parseKeyedPatch>['places'] = [];
    const outcome = await commands.take({
      tenant,
      urn,
      ids: guard.repeatable?.all ?? [],
      changesOf: (document, nowIso): readonly Change[] => {
        const asset = assertVisible(document, editor.policyClass);
        this.#assertMatch(asset, editor, guard.ifMatch);
        const mask = maskOf(editor.policyClass);
        const patch = parseKeyedPatch(body, { shown: shownAsset(asset, mask), whole: asset });
        places = replaces ? [...patch.places, ...replacedPlaces(asset, mask)] : patch.places;
        assertUnmasked(asset, mask, places);
        assertWritable(editor, places, asset.head);
        assertRejectable(editor, patch, asset);
        const mayDeclassify = editor.writer.mayDeclassify(asset.head);
        const curated = { ...patch.curation, mayDeclassify, replaces };
        const facts = hubChange({ tenant, urn, sub: editor.sub, messageId, nowIso });
        return [{ ...facts, target: 'asset', action: 'upsert', patch: { curated } }];
      },
      judge: ({ before, after }) => {
        if (before !== undefined && after !== undefined && after !== before)
          assertResult(editor, places, { before, after });
      },
    });
    return this.#edited(principal, editor, urn, outcome, guard);
  }

  #assertMatch(asset: AssetDocument, { policyClass }: Editor, ifMatch: string | undefined): void {
    if (ifMatch === undefined) return;
    const { etag } = representationOf(asset, policyClass, this.#options.ids);
    if (!matchesExactly(ifMatch, etag))
      throw new HubError('precondition-failed', 'if-match: the asset is not as you have seen it; read it again');
  }

  /** A repetition gets the asset as it is now. */
  async #edited(
    principal: Principal,
    { policyClass }: Editor,
    urn: string,
    outcome: CommandOutcome,
    { repeatable }: Guard,
  ): Promise<Edited> {
    const { store, ids, outlet } = this.#options;
    if (outcome.result === 'known') assertSameRequest(repeatable, outcome.ids);
    const document =
      outcome.result === 'done' ? outcome.after : (await store.getMany([{ tenant: principal.tenant, urn }]))[0];
    const representation = representationOf(assertVisible(document, policyClass), policyClass, ids);
    outlet.fetched({ owner: principalKey(principal) }, [representation.delivered]);
    const event = outcome.result === 'done' ? outcome.events[0] : undefined;
    return {
      representation,
      changes: event === undefined ? [] : changesOf(event, policyClass),
      event: event === undefined ? null : ids.event(event),
      isRepeated: outcome.result === 'known',
    };
  }
}

/** As the event carries them. */
function changesOf(event: HubEvent, policyClass: PolicyClass): Edited['changes'] {
  const mask = maskOf(policyClass);
  return event.data.change.ops.flatMap((op) => maskedOp(op, mask) ?? []).map(({ labels: _labels, ...op }) => op);
}
