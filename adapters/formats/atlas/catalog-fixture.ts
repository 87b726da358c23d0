import { applyChange } from '../../../channels/catalog/apply-change.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import type { AssetDocument, CatalogDocument } from '../../../channels/catalog/document.ts';
import type { MessageFormat } from '../../../channels/ports/message-format.ts';
import { type AtlasFormatOptions, createAtlasFormat } from './atlas-format.ts';
import { atlasOrigin, atlasProfile, nativeMessage } from './fixtures.ts';

/** Everything that a source told, as the hub's formats and its catalog take it in; without stores and transports. */
export class Catalog {
  readonly #documents = new Map<string, CatalogDocument>();
  readonly #parts = new Map<string, string[]>();
  readonly #format: MessageFormat;

  constructor(superTypes: NonNullable<AtlasFormatOptions['superTypes']> = {}) {
    this.#format = createAtlasFormat({ superTypes });
  }

  /** One record of the topic; parts wait until their message is whole. */
  record(value: Uint8Array): void {
    const result = this.#format.normalise(nativeMessage(value), atlasOrigin, atlasProfile);
    if (result.kind === 'changes') {
      for (const change of result.changes) this.#apply(change);
      return;
    }
    const { messageId, index, count, text, join } = result.part;
    const parts = this.#parts.get(messageId) ?? [];
    parts[index] = text;
    this.#parts.set(messageId, parts);
    if (Object.keys(parts).length < count) return;
    this.#parts.delete(messageId);
    this.record(join(parts));
  }

  /** Messages that are not whole. */
  get waiting(): number {
    return this.#parts.size;
  }

  assets(): readonly AssetDocument[] {
    return [...this.#documents.values()].filter((document) => document.kind === 'asset');
  }

  asset(guid: string): AssetDocument | undefined {
    return this.assets().find(({ urn }) => urn === `${atlasProfile.namespace}:${guid}`);
  }

  #apply(change: Change): void {
    const context = { recordedAt: new Date().toISOString(), parentsOf: () => [] };
    const applied = applyChange(this.#documents.get(change.urn), change, context);
    if (applied !== undefined) this.#documents.set(change.urn, applied.document);
  }
}
