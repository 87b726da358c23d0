import { hash } from 'node:crypto';
import { type ApplyContext, applyChange } from '../../channels/catalog/apply-change.ts';
import type { Change } from '../../channels/catalog/change.ts';
import { type CatalogDocument, definitionUrn, documentKey } from '../../channels/catalog/document.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';

/** What the changes of a batch are applied with. */
export interface FoldContext {
  /** When the hub takes the batch in, RFC 3339 UTC with milliseconds. */
  readonly recordedAt: string;
  /** See {@link OpaqueIds.element}. */
  readonly elementKey: (tenant: string, urn: string, element: string) => string;
  /** Revision of the policy that is current. */
  readonly policyFloor: number;
}

/** Documents as a batch finds and leaves them. */
export class DocumentFold {
  readonly #stored: ReadonlyMap<string, CatalogDocument>;
  readonly #context: FoldContext;
  readonly #changed = new Map<string, CatalogDocument>();
  readonly #events: HubEvent[] = [];
  /** By tenant. */
  readonly #contexts = new Map<string, ApplyContext>();

  /** `stored`: the documents that the batch's changes and classifications name, by document key. */
  constructor(stored: ReadonlyMap<string, CatalogDocument>, context: FoldContext) {
    this.#stored = stored;
    this.#context = context;
  }

  /**
   * All changes of one message, or none of them. Returns how many events they gave.
   * @throws HubError invalid-message, limit-exceeded; the fold is as before then
   */
  apply(changes: readonly Change[]): number {
    const overlay = new Map<string, CatalogDocument>();
    const events: HubEvent[] = [];
    for (const change of changes) {
      const key = documentKey(change.tenant, change.urn);
      const held = overlay.get(key) ?? this.#document(key);
      const applied = applyChange(held, change, this.#contextOf(change.tenant));
      if (applied === undefined) continue;
      overlay.set(key, applied.document);
      if (applied.event !== undefined) events.push(applied.event);
    }
    for (const [key, document] of overlay) this.#changed.set(key, document);
    this.#events.push(...events);
    return events.length;
  }

  get documents(): readonly { readonly document: CatalogDocument; readonly expectedVersion: number }[] {
    return [...this.#changed].map(([key, document]) => ({
      document,
      expectedVersion: this.#stored.get(key)?.version ?? 0,
    }));
  }

  get events(): readonly HubEvent[] {
    return this.#events;
  }

  #document(key: string): CatalogDocument | undefined {
    return this.#changed.get(key) ?? this.#stored.get(key);
  }

  #contextOf(tenant: string): ApplyContext {
    const known = this.#contexts.get(tenant);
    if (known !== undefined) return known;
    const context = this.#newContextOf(tenant);
    this.#contexts.set(tenant, context);
    return context;
  }

  #newContextOf(tenant: string): ApplyContext {
    const { recordedAt, policyFloor, elementKey } = this.#context;
    return {
      recordedAt,
      policyFloor,
      headOf: (urn) => this.#document(documentKey(tenant, urn))?.head,
      elementKey: (urn, element) => elementKey(tenant, urn, element),
      sha256: (text) => hash('sha256', text, 'base64url'),
      utf8Bytes: (text) => Buffer.byteLength(text),
      parentsOf: (scheme, name) => {
        const definition = this.#document(documentKey(tenant, definitionUrn(scheme, name)));
        return definition?.kind === 'definition' && definition.status === 'active' ? definition.parents : [];
      },
    };
  }
}
