import { randomUUID } from 'node:crypto';
import type { Change, CurationPatch } from '../../../channels/catalog/change.ts';
import type { AssetDocument } from '../../../channels/catalog/document.ts';
import { columnOf, type KeyedPatch, parseTag } from '../../../channels/catalog/keyed-patch.ts';
import type { PatchedPlace } from '../../../channels/catalog/keyed-reader.ts';
import { normalTag } from '../../../channels/event/normal-text.ts';
import type { Principal } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { HubError, type WireError } from '../../../channels/protocol/hub-error.ts';
import { maskOf } from '../../../channels/wire/mask.ts';
import type { CommandIntake } from '../../ingest/command-intake.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import { assertRejectable, assertResult, assertWritable, type Editor, editorOf } from '../edit-rights.ts';
import { assertVisibleAsset, findAsset } from '../resources/find-entity.ts';
import { hubChange } from '../hub-change.ts';
import { inGroups, type Numbered } from '../in-groups.ts';
import { assertUnmasked, shownAsset } from '../masked-places.ts';
import { assertSameRequest, type RepeatableRequest } from '../resources/repeatable.ts';
import { matchesExactly, representationOf } from '../resources/representation.ts';
import type { SuggestionDecision } from './suggestion-request.ts';

export interface SuggestionCommandsOptions {
  readonly store: DocumentStore;
  readonly commands: CommandIntake;
  readonly policy: Pick<CurrentPolicy, 'classOf' | 'writerOf'>;
  readonly ids: OpaqueIds;
}

/** What has become of one decision. `repeated`: it was done by an earlier request with the same key. */
export type DecisionResult = Pick<SuggestionDecision, 'urn' | 'column' | 'tag'> &
  (
    | { readonly result: 'done'; readonly event: string | null }
    | { readonly result: 'repeated' }
    | { readonly result: 'refused'; readonly error: WireError }
  );

/** Names the request of some decisions, so that it is done once. */
export type RepeatableOf = (urn: string, decisions: readonly SuggestionDecision[]) => RepeatableRequest | undefined;

/** Decisions about one asset, found good one by one, as one change. */
interface Decided {
  readonly curation: CurationPatch;
  readonly places: readonly PatchedPlace[];
}

/** What stewards decide about suggested tags: all decisions about an asset are one event. */
export class SuggestionCommands {
  readonly #options: SuggestionCommandsOptions;

  constructor(options: SuggestionCommandsOptions) {
    this.#options = options;
  }

  /** In the order of the decisions. One that is refused does not keep the others from being done. */
  async decide(
    principal: Principal,
    decisions: readonly SuggestionDecision[],
    repeatableOf: RepeatableOf,
  ): Promise<readonly DecisionResult[]> {
    return inGroups(
      decisions,
      ({ urn }) => urn,
      (group) => this.#decideAsset(principal, group, repeatableOf),
    );
  }

  async #decideAsset(
    principal: Principal,
    group: readonly Numbered<SuggestionDecision>[],
    repeatableOf: RepeatableOf,
  ): Promise<ReadonlyMap<number, DecisionResult>> {
    const refused = new Map<number, HubError>();
    let event: string | null = null;
    let isRepeated = false;
    try {
      const outcome = await this.#take(principal, group, refused, repeatableOf);
      isRepeated = outcome === 'repeated';
      event = isRepeated ? null : outcome;
    } catch (thrown) {
      const error = HubError.from(thrown);
      // what no decision is to blame for is for the whole request
      if (error.code === 'internal' || error.code === 'storage-unavailable') throw thrown;
      for (const { index } of group) refused.set(index, error);
    }
    return new Map(
      group.map(({ index, item: { urn, column, tag } }): [number, DecisionResult] => {
        const named = { urn, ...(column === undefined ? {} : { column }), tag };
        const error = refused.get(index);
        if (isRepeated) return [index, { ...named, result: 'repeated' }];
        if (error !== undefined) return [index, { ...named, result: 'refused', error: error.toWire() }];
        return [index, { ...named, result: 'done', event }];
      }),
    );
  }

  /** Returns the wire id of the event. */
  async #take(
    principal: Principal,
    group: readonly Numbered<SuggestionDecision>[],
    refused: Map<number, HubError>,
    repeatableOf: RepeatableOf,
  ): Promise<string | null> {
    const { commands, policy, store, ids } = this.#options;
    const editor = editorOf(policy, principal);
    const { tenant, sub } = principal;
    const { urn } = await findAsset(store, editor.policyClass, group[0]?.item.urn ?? '');
    const repeatable = repeatableOf(
      urn,
      group.map(({ item }) => item),
    );
    const messageId = repeatable?.id ?? randomUUID();
    let places: readonly PatchedPlace[] = [];
    const outcome = await commands.take({
      ...{ tenant, urn },
      ids: repeatable?.all ?? [],
      changesOf: (document, nowIso): readonly Change[] => {
        refused.clear();
        const decided = this.#decided(assertVisibleAsset(document, editor.policyClass), editor, group, refused);
        ({ places } = decided);
        const facts = hubChange({ tenant, urn, sub, messageId, nowIso });
        if (places.length === 0) return [];
        return [{ ...facts, target: 'asset', action: 'upsert', patch: { curated: decided.curation } }];
      },
      judge: ({ before, after }) => {
        if (after !== undefined && after !== before) assertResult(editor, places, { before, after });
      },
    });
    if (outcome.result === 'known') assertSameRequest(repeatable, outcome.ids);
    if (outcome.result === 'known') return 'repeated';
    const [event] = outcome.events;
    return event === undefined ? null : ids.event(event);
  }

  #decided(
    asset: AssetDocument,
    editor: Editor,
    group: readonly Numbered<SuggestionDecision>[],
    refused: Map<number, HubError>,
  ): Decided {
    const { etag } = representationOf(asset, editor.policyClass, this.#options.ids);
    const parts: KeyedPatch[] = [];
    const taken = new Map<string, SuggestionDecision['decision']>();
    for (const { index, item: decision } of group) {
      try {
        if (decision.ifMatch !== undefined && !matchesExactly(decision.ifMatch, etag))
          throw new HubError('precondition-failed', 'ifMatch: the asset is not as you have seen it; read it again');
        const patch = judged(asset, editor, decision);
        const place = `${patch.places[0]?.column ?? ''} ${normalTag(parseTag(decision.tag, 'tag'))}`;
        const before = taken.get(place) ?? decision.decision;
        if (before !== decision.decision)
          throw new HubError(
            'invalid-request',
            `decision: another one of this request says "${before}" of the same tag`,
          );
        taken.set(place, before);
        parts.push(patch);
      } catch (thrown) {
        refused.set(index, HubError.from(thrown));
      }
    }
    const mayDeclassify = editor.writer.mayDeclassify(asset.head);
    return { curation: { ...joined(parts), mayDeclassify }, places: parts.flatMap(({ places }) => places) };
  }
}

/** @throws HubError not-found for a tag that nobody suggests, or not to whoever decides; forbidden */
function judged(asset: AssetDocument, editor: Editor, { column: key, ...decision }: SuggestionDecision): KeyedPatch {
  const { scheme, name } = parseTag(decision.tag, 'tag');
  const state = decision.decision === 'approve' ? 'confirmed' : 'rejected';
  const word = { state, ...(decision.reason === undefined ? {} : { reason: decision.reason }) } as const;
  const mask = maskOf(editor.policyClass);
  const shown = shownAsset(asset, mask);
  const element = key === undefined ? shown : columnOf(shown, key);
  const isSuggested = element?.classifications.some(
    (item) => item.state === 'suggested' && normalTag(item) === normalTag({ scheme, name }),
  );
  if (element === undefined || isSuggested !== true)
    throw new HubError('not-found', 'tag: it is not suggested there, or not any more');
  const patch =
    key === undefined ? ownPatch({ scheme, name, word }) : columnPatch(asset, key, element, { scheme, name, word });
  assertUnmasked(asset, mask, patch.places);
  assertWritable(editor, patch.places, asset.head);
  assertRejectable(editor, patch, asset);
  return patch;
}

type TagCuration = NonNullable<CurationPatch['classifications']>[number];

function ownPatch(tag: TagCuration): KeyedPatch {
  const path = `/classifications/${tag.scheme}~1${tag.name}`;
  return { curation: { classifications: [tag] }, places: [{ field: 'classifications', path }] };
}

function columnPatch(asset: AssetDocument, written: string, seen: object, tag: TagCuration): KeyedPatch {
  const key = 'key' in seen && typeof seen.key === 'string' ? seen.key : written;
  const name = asset.columns.find((column) => column.key === key)?.name ?? written;
  const path = `/columns/${key}/classifications/${tag.scheme}~1${tag.name}`;
  return {
    curation: { columns: [{ name, classifications: [tag] }] },
    places: [{ field: 'columns.classifications', path, column: key }],
  };
}

function joined(parts: readonly KeyedPatch[]): CurationPatch {
  const byName = new Map<string, TagCuration[]>();
  for (const { name, classifications = [] } of parts.flatMap(({ curation }) => curation.columns ?? []))
    byName.set(name, [...(byName.get(name) ?? []), ...classifications]);
  return {
    classifications: parts.flatMap(({ curation }) => curation.classifications ?? []),
    columns: [...byName].map(([name, classifications]) => ({ name, classifications })),
  };
}
