import { documentKey } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import { canonicalJson } from '../../../channels/event/json.ts';
import { createOpaqueIds, firstIdKey } from '../../../server/sealing/opaque-ids.ts';
import { testSecrets } from '../hub-process.ts';
import { asKafkaAdmin } from '../kafka-topics.ts';
import { Oracle, type OracleOptions } from '../reconcile/oracle.ts';
import { tellMessage, type NativeText, type TrafficConnector } from '../reconcile/traffic.ts';
import { readTopic, type TopicRecord } from './read-topic.ts';

const ids = createOpaqueIds(firstIdKey(testSecrets.hub));

/** Where an event stands in the log. */
export type LogPlace = Omit<TopicRecord, 'key' | 'value'>;

/** All that the log holds, each event once, in the order of each partition. */
export interface LogTruth {
  readonly events: readonly HubEvent[];
  /** By entity and version. */
  readonly places: ReadonlyMap<string, LogPlace>;
  /** Where those that stand there more than once stand last. */
  readonly lastPlaces: ReadonlyMap<string, LogPlace>;
  /** What cannot be right whatever happened: versions that are not there, or not in order. */
  readonly problems: readonly string[];
}

export function versionKey({ tenant, subject, data }: HubEvent): string {
  return `${documentKey(tenant, subject)} ${data.version}`;
}

/** What a commit finds of other entities depends on which came first, and that is up to the hub. */
function withoutRefLabels(head: Head | null): object | null {
  if (head === null) return null;
  const { refLabels: _, ...rest } = head;
  return rest;
}

/** Without what only the hub that took it in knows: its clock, where the message came in, and what else was there then. */
export function essenceOf(event: HubEvent): string {
  const { type, subject, tenant, data } = event;
  const heads = { before: withoutRefLabels(data.heads.before), after: withoutRefLabels(data.heads.after) };
  return canonicalJson({ type, subject, tenant, change: data.change, heads });
}

export async function readLog(brokers: string, prefix: string): Promise<LogTruth> {
  const topics = await asKafkaAdmin(brokers, (admin) => admin.listTopics());
  const logs = topics.filter((topic) => topic.startsWith(`${prefix}.events.`));
  const problems = logs.length === 1 ? [] : [`topics of the log: ${logs.join()}`];
  const versions = new Map<string, number>();
  const places = new Map<string, LogPlace>();
  const lastPlaces = new Map<string, LogPlace>();
  const events: HubEvent[] = [];
  for (const { key: _key, value, ...place } of await readTopic(brokers, logs[0] ?? '')) {
    const event = JSON.parse(value) as HubEvent;
    const entity = documentKey(event.tenant, event.subject);
    const last = versions.get(entity) ?? 0;
    // the log may hold one twice
    if (event.data.version <= last) {
      lastPlaces.set(versionKey(event), place);
      continue;
    }
    if (event.data.version !== last + 1) problems.push(`${entity}: version ${event.data.version} after ${last}`);
    versions.set(entity, event.data.version);
    places.set(versionKey(event), place);
    events.push(event);
  }
  return { events, places, lastPlaces, problems };
}

/** What the sources said: over HTTP what was acknowledged, over Kafka what the topics hold. */
export interface Sources {
  readonly connectors: readonly TrafficConnector[];
  readonly acknowledged: ReadonlyMap<string, readonly NativeText[]>;
  readonly brokers: string;
  readonly topicOf: (connector: string) => string;
}

/** Lets an oracle take in everything that the sources said. Gives how many messages of each connector nobody can take in. */
export async function tellSources(oracle: Oracle, sources: Sources): Promise<ReadonlyMap<string, number>> {
  const rejected = new Map<string, number>();
  for (const connector of sources.connectors) {
    const messages =
      connector.partitions === undefined
        ? (sources.acknowledged.get(connector.id) ?? [])
        : await readTopic(sources.brokers, sources.topicOf(connector.id));
    const refused = messages.filter((message) => !tellMessage(oracle, connector, message));
    rejected.set(connector.id, refused.length);
  }
  return rejected;
}

/** What the messages of all sources make, by entity and version. */
export interface Said {
  readonly essences: ReadonlyMap<string, string>;
  readonly documents: ReadonlyMap<string, WithoutHead>;
}

export async function whatWasSaid(sources: Sources): Promise<Said> {
  const essences = new Map<string, string>();
  const documents = new Map<string, WithoutHead>();
  const onEvent: OracleOptions['onEvent'] = (event, document) => {
    essences.set(versionKey(event), essenceOf(event));
    if (document !== undefined) documents.set(versionKey(event), document);
  };
  await tellSources(new Oracle({ listeners: [], ids, onEvent }), sources);
  return { essences, documents };
}
