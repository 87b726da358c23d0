import { atlasUser } from '../../../deploy/services/atlas.mjs';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { bankTypes, baseTypes } from './atlas-types.ts';

/** An entity as the server itself describes it. */
export interface AtlasEntity {
  readonly typeName: string;
  readonly guid: string;
  readonly status: string;
  readonly attributes: JsonObject;
  readonly classifications?: readonly { readonly typeName: string; readonly entityGuid: string }[];
}

/** A real Apache Atlas, driven by its REST interface. */
export class AtlasServer {
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/api/atlas/v2`;
  }

  /** Types of an invented bank, below the usual ones, which a bare server does not have. Does nothing the second time. */
  async defineTypes(): Promise<void> {
    for (const types of [baseTypes, bankTypes]) {
      const last = [...types.entityDefs, ...types.relationshipDefs].at(-1)?.['name'];
      if (typeof last === 'string' && (await this.#knows(last))) continue;
      await this.#call('POST', '/types/typedefs', { enumDefs: [], structDefs: [], ...types });
    }
  }

  /** Makes an entity, or changes the one of the same qualified name. Gives its guid. */
  async put(typeName: string, attributes: JsonObject): Promise<string> {
    const answer = await this.#call('POST', '/entity', { entity: { typeName, attributes } });
    const { guidAssignments } = answer as { guidAssignments: Readonly<Record<string, string>> };
    return Object.values(guidAssignments)[0] as string;
  }

  async tag(guid: string, typeName: string, attributes: JsonObject = {}): Promise<void> {
    await this.#call('POST', `/entity/guid/${guid}/classifications`, [{ typeName, attributes, propagate: true }]);
  }

  async retag(guid: string, typeName: string, attributes: JsonObject): Promise<void> {
    await this.#call('PUT', `/entity/guid/${guid}/classifications`, [{ typeName, attributes, propagate: true }]);
  }

  async untag(guid: string, typeName: string): Promise<void> {
    await this.#call('DELETE', `/entity/guid/${guid}/classification/${typeName}`);
  }

  async remove(guid: string): Promise<void> {
    await this.#call('DELETE', `/entity/guid/${guid}`);
  }

  async entity(guid: string): Promise<AtlasEntity> {
    const answer = await this.#call('GET', `/entity/guid/${guid}?minExtInfo=true&ignoreRelationships=true`);
    return (answer as unknown as { entity: AtlasEntity }).entity;
  }

  async #knows(type: string): Promise<boolean> {
    const response = await this.#fetch('GET', `/types/typedef/name/${type}`);
    await response.text();
    return response.ok;
  }

  async #call(method: string, path: string, body?: JsonValue): Promise<JsonObject> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return text === '' ? {} : (JSON.parse(text) as JsonObject);
  }

  #fetch(method: string, path: string, body?: JsonValue): Promise<Response> {
    const basic = Buffer.from(`${atlasUser.name}:${atlasUser.password}`).toString('base64');
    return fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
