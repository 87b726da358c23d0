import { type ChangeResult, applyChange } from '../../../channels/catalog/apply-change.ts';
import type { AssetDocument, CatalogDocument } from '../../../channels/catalog/document.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createAtlasFormat } from './atlas-format.ts';
import { atlasOrigin, atlasProfile, envelope, nativeMessage, notification, tableHeader } from './fixtures.ts';

const format = createAtlasFormat();

/** When the hub of these tests takes everything in: after all times of the fixtures. */
export const heardAt = '2026-01-06T12:00:00.000Z';

/** What a catalog tells of one entity, message by message, and what the hub makes of it. */
export class Told {
  readonly #origin: Origin;
  readonly events: ChangeResult['event'][] = [];
  document: CatalogDocument | undefined;

  constructor(origin: Origin = atlasOrigin) {
    this.#origin = origin;
  }

  /** One message as it is on the wire. */
  message(value: JsonValue, { origin = this.#origin, recordedAt = heardAt } = {}): this {
    const result = format.normalise(nativeMessage(value), origin, atlasProfile);
    if (result.kind !== 'changes') throw new Error('expected changes');
    for (const change of result.changes) {
      const applied = applyChange(this.document, change, { recordedAt, parentsOf: () => [] });
      if (applied === undefined) continue;
      this.document = applied.document;
      this.events.push(applied.event);
    }
    return this;
  }

  /** A notification about the table of current accounts. */
  say(operation: string, entity: JsonObject = {}, beside: JsonObject = {}): this {
    return this.message(envelope(notification(operation, tableHeader(entity), beside)));
  }

  get asset(): AssetDocument {
    if (this.document?.kind !== 'asset') throw new Error('nothing of it was ingested');
    return this.document;
  }

  get tags(): readonly string[] {
    return this.asset.classifications.map(({ name }) => name);
  }

  get properties(): JsonObject {
    return Object.fromEntries(this.asset.properties.map(({ key, value }) => [key, value]));
  }
}
