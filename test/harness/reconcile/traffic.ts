import { createAtlasFormat } from '../../../adapters/formats/atlas/atlas-format.ts';
import { createCloudEventsFormat } from '../../../adapters/formats/cloudevents/cloudevents-format.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { createSeededRandom, type SeededRandom } from '../../../cli/demo/seeded-random.ts';
import { atlasMessage } from '../atlas-messages.ts';
import type { Oracle } from './oracle.ts';
import { vocabulary } from './vocabulary.ts';

/** A connector of the test, with the entities that only it writes: so the order of each entity's changes is known. */
export interface TrafficConnector {
  readonly id: string;
  readonly format: keyof typeof formats;
  readonly tenant: string;
  readonly namespace: string;
  /** How many partitions its topic has; undefined: it is fed over HTTP. */
  readonly partitions?: number;
  readonly entities: number;
  /** How often it is the one to send, relative to the others. */
  readonly weight: number;
}

/** One native message. Messages of one connector with one key keep their order. */
export interface NativeText {
  readonly key: string;
  readonly value: string;
}

export interface Traffic {
  /** By connector, in the order of sending. */
  readonly messages: ReadonlyMap<string, readonly NativeText[]>;
  /** Messages of each connector that cannot be taken in. */
  readonly rejected: ReadonlyMap<string, number>;
}

export const structuredType = 'application/cloudevents+json';
const firstTimeMs = Date.UTC(2024, 0, 1);
const formats = { atlas: createAtlasFormat(), cloudevents: createCloudEventsFormat() };
/** One message in so many is one that nobody can read. */
const brokenEvery = 1500;

/** Makes messages as sources send them; equal seeds give equal messages. */
class Writer {
  readonly #random: SeededRandom;
  #sequence: number;
  readonly #large: boolean;

  constructor(seed: number, first: number, large: boolean) {
    this.#random = createSeededRandom(seed);
    this.#sequence = first;
    this.#large = large;
  }

  next(connector: TrafficConnector): NativeText {
    this.#sequence += 1;
    const index = this.#random.below(connector.entities);
    if (this.#sequence % brokenEvery === 0)
      return { key: `e-${index}`, value: `{"specversion":"1.0","type":7,"id":"broken-${this.#sequence}"}` };
    return connector.format === 'atlas' ? this.#atlas(index) : this.#event(connector, index);
  }

  among<Item>(items: readonly Item[]): Item {
    return this.#random.pick(items) as Item;
  }

  /** Now and then an older time than the last: over HTTP a late message, which alters nothing. */
  #timeMs(): number {
    return firstTimeMs + this.#sequence * 1000 - (this.#random.below(40) === 0 ? 500_000 : 0);
  }

  #some<Item>(items: readonly Item[]): readonly Item[] {
    return items.filter(() => this.#random.below(items.length) === 0);
  }

  #atlas(index: number): NativeText {
    const operation = this.among(vocabulary.atlasOperations);
    const owner = this.among(vocabulary.owners);
    const tagged = operation.startsWith('CLASSIFICATION') || operation === 'ENTITY_CREATE';
    const entity = {
      guid: `g-${index}`,
      name: `hive-${index}-${this.#random.below(3)}`,
      typeName: this.among(vocabulary.atlasTypes),
      owner,
      ...(tagged ? { tags: this.#some(vocabulary.atlasTags) } : {}),
    };
    return { key: entity.guid, value: atlasMessage(operation, entity, this.#timeMs()) };
  }

  #event(connector: TrafficConnector, index: number): NativeText {
    const isAlert = index % 5 === 4;
    const [type, data] = isAlert ? this.#incident(connector) : this.#assetEvent(connector, index);
    const subject = `${isAlert ? 'i' : 'e'}-${index}`;
    const event = {
      specversion: '1.0',
      id: `${connector.id}-${this.#sequence}`,
      source: `/${connector.id}`,
      type,
      subject,
      time: new Date(this.#timeMs()).toISOString(),
      ...(this.#random.below(3) === 0 ? { authid: this.among(vocabulary.owners), authtype: 'user' } : {}),
      ...(this.#random.below(4) === 0 ? { correlationid: `run-${this.#sequence}` } : {}),
      data,
    };
    // an edge is an entity of its own, and its key must be the same for all that is said of it
    return {
      key: type === 'gov.lineage.observed' ? `edge-${JSON.stringify(data['from'])}` : subject,
      value: JSON.stringify(event),
    };
  }

  #incident({ namespace, entities }: TrafficConnector): readonly [string, JsonObject] {
    const subject = `${namespace}:e-${this.#random.below(entities)}`;
    const data = {
      subject,
      status: this.among(vocabulary.alertStates),
      severity: 1 + this.#random.below(24),
      message: `seen ${this.#sequence}`,
      assignees: this.#some(vocabulary.owners),
    };
    return ['gov.incident.changed', data];
  }

  #assetEvent({ namespace }: TrafficConnector, index: number): readonly [string, JsonObject] {
    const add = this.#some(vocabulary.tags);
    const remove = this.#some(vocabulary.tags).filter((tag) => !add.includes(tag));
    const whole = {
      type: this.among(vocabulary.types),
      name: `asset-${index}-${this.#random.below(3)}`,
      domain: this.among(vocabulary.domains),
      owners: [this.among(vocabulary.owners)],
      description: `said ${this.#sequence}`,
    };
    const choices: readonly (readonly [string, JsonObject])[] = [
      ['gov.asset.created', { asset: { ...whole, classifications: this.#some(vocabulary.tags) } }],
      ['gov.asset.updated', { asset: { ...whole, columns: [this.#column('a'), this.#column('b')] } }],
      ['gov.asset.updated', { asset: { type: whole.type, name: whole.name } }],
      ['gov.asset.deleted', {}],
      ['gov.classification.changed', { classifications: { add, remove } }],
      [
        'gov.classification.changed',
        { classifications: [{ scheme: 'pii', name: 'EMAIL', level: this.#random.below(5) }] },
      ],
      ['gov.domain.changed', { domain: this.among([...vocabulary.domains, null]) }],
      ['gov.owner.changed', { owners: { add: [this.among(vocabulary.owners)], remove: [] } }],
      ['gov.owner.changed', { owners: this.#some(vocabulary.owners) }],
      ['gov.documentation.changed', { description: `said ${this.#sequence}` }],
      [
        'gov.documentation.changed',
        { description: this.#large ? `said ${this.#sequence} ${'at length '.repeat(900)}` : null },
      ],
      ['gov.asset.updated', { asset: { type: whole.type, name: whole.name, owners: whole.owners } }],
      ['gov.property.changed', { properties: { rows: this.#sequence, checked: this.among([true, null]) } }],
      ['gov.deprecation.changed', { deprecated: this.among([true, false]) }],
      ['gov.quality.result', { check: 'fresh', status: this.among(['passed', 'failed']) }],
      ['gov.schema.changed', { columns: { add: [this.#column('b')], remove: this.among([[], ['a']]) } }],
      [
        'gov.lineage.observed',
        { from: `${namespace}:e-${index}`, to: `${namespace}:e-${index + 1}`, deleted: this.among([true, false]) },
      ],
    ];
    return this.among(choices);
  }

  #column(name: string): JsonObject {
    return { name, type: this.among(['text', 'number']), classifications: this.#some(vocabulary.tags) };
  }
}

function profileOf({ id, tenant, namespace }: TrafficConnector): ConnectorProfile {
  return { id, tenant, namespace, writes: [], scheme: 'pii' };
}

const http = { transport: 'http' } as const;

/** Tells the oracle what the hub's own formats make of a message; whether it could be taken in. */
export function tellMessage(oracle: Oracle, connector: TrafficConnector, { key, value }: NativeText): boolean {
  const format = formats[connector.format];
  // all that is said of one entity has one key, and so one partition
  const origin =
    connector.partitions === undefined ? http : ({ transport: 'kafka', topic: 'of it', partition: 0 } as const);
  const headers = { 'content-type': structuredType };
  try {
    const message = { value: Buffer.from(value), key, headers, timestampMs: 0 };
    const normalised = format.normalise(message, { system: connector.format, ...origin }, profileOf(connector));
    if (normalised.kind !== 'changes') return true;
    const [first] = normalised.changes;
    const isRepeat = format.identifies && first !== undefined && oracle.knows(connector.id, first.messageId);
    if (!isRepeat) oracle.accept(normalised.changes);
    return true;
  } catch (error) {
    if (error instanceof HubError) return false;
    throw error;
  }
}

export interface MessageOptions {
  readonly seed: number;
  /** Messages that were made before: ids and times go on from there. @default 0 */
  readonly first?: number;
  readonly count: number;
  /** Also documents too large to ride on later events: an `enter` that shows one need not come if it is hidden soon. */
  readonly large?: boolean;
}

/** Messages of all connectors, in the order of sending. */
export function makeMessages(
  connectors: readonly TrafficConnector[],
  { seed, first = 0, count, large = false }: MessageOptions,
): readonly { readonly connector: TrafficConnector; readonly message: NativeText }[] {
  const writer = new Writer(seed, first, large);
  const turns = connectors.flatMap((connector) => Array.from({ length: connector.weight }, () => connector));
  return Array.from({ length: count }, () => {
    const connector = writer.among(turns);
    return { connector, message: writer.next(connector) };
  });
}

export interface PlanOptions extends MessageOptions {
  /** Told of every message. */
  readonly oracle: Oracle;
}

/** `count` messages of all connectors, told to the oracle as they are made. */
export function planTraffic(connectors: readonly TrafficConnector[], { oracle, ...options }: PlanOptions): Traffic {
  const messages = new Map<string, NativeText[]>(connectors.map(({ id }) => [id, []]));
  const rejected = new Map<string, number>(connectors.map(({ id }) => [id, 0]));
  for (const { connector, message } of makeMessages(connectors, options)) {
    messages.get(connector.id)?.push(message);
    if (!tellMessage(oracle, connector, message)) rejected.set(connector.id, (rejected.get(connector.id) ?? 0) + 1);
  }
  return { messages, rejected };
}
