import type { Change } from '../../../channels/catalog/change.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { changeBase, type MessageFacts } from '../change-base.ts';
import {
  asId,
  asList,
  asObject,
  asText,
  defined,
  type Field,
  isAbsent,
  member,
  nullable,
  optional,
} from '../fields.ts';
import { messageIdOf } from '../message-id.ts';
import { epochMs, isoTime } from '../time.ts';
import { ownDefinitionUrn } from '../urn.ts';
import { deleteChange, headerPatch, isGone, upsertChange } from './asset-change.ts';
import { stateOf } from './classifications.ts';
import { readEntityHeader } from './entity-header.ts';
import type { Ancestors } from './super-types.ts';
import { termChange } from './term-change.ts';

export interface ExportContext {
  readonly profile: ConnectorProfile;
  readonly origin: Origin;
  readonly ancestors: Ancestors;
  /** RFC 3339 UTC, for what carries no time of its own. */
  readonly time: string;
}

const markers = ['entities', 'entitiesWithExtInfo', 'typesDef', 'classificationDefs', 'referredEntities', 'guid'];
/** An export is a file of the operator, not a message: only its own size bounds it. */
const unbounded = Number.MAX_SAFE_INTEGER;

/** True for what an Atlas export holds: entities with or without what they refer to, or type definitions. */
export function isAtlasExport(value: JsonObject): boolean {
  return markers.some((key) => Object.hasOwn(value, key)) || isJsonObject(value['entity']);
}

function factsOf(content: Field, time: string, { profile, origin }: ExportContext): MessageFacts {
  const messageId = messageIdOf(['import', time, canonicalJson(content.value)]);
  return { profile, origin, messageId, time, completeness: 'state', replay: true };
}

/** An entity as the catalog holds it now. Tags that it does not list may have been left out of the export: unchanged. */
function entityChange(field: Field, context: ExportContext): Change {
  const header = readEntityHeader(field);
  const ms =
    epochMs(member(asObject(field), 'updateTime', field.path)) ??
    epochMs(member(asObject(field), 'createTime', field.path));
  const facts = factsOf(field, ms === undefined ? context.time : isoTime(ms), context);
  const term = termChange(facts, header, isGone(header));
  if (term !== undefined) return term;
  if (isGone(header)) return deleteChange(facts, header);
  const { profile, ancestors } = context;
  const tags = header.tags === undefined ? undefined : stateOf(header.tags, { guid: header.guid, profile, ancestors });
  return upsertChange(facts, header, headerPatch(facts, header), tags);
}

function definitionChange(field: Field, context: ExportContext): Change {
  const definition = asObject(field);
  const at = (key: string): Field => member(definition, key, field.path);
  const name = asId(at('name'));
  const scheme = context.profile.scheme;
  const subject = {
    urn: ownDefinitionUrn(context.profile, scheme, name, at('name').path),
    nativeId: name,
    nativeType: 'classificationDef',
  };
  const ms = epochMs(at('updateTime')) ?? epochMs(at('createTime'));
  const facts = factsOf(field, ms === undefined ? context.time : isoTime(ms), context);
  const patch = {
    scheme,
    name,
    ...defined({
      parents: optional(at('superTypes'), (each) => asList(each, documentLimits.parents).map(asId)),
      description: nullable(at('description'), (each) => asText(each)),
    }),
  };
  return { ...changeBase(facts, subject), target: 'definition', action: 'upsert', patch };
}

function* referred(object: JsonObject, path: string, context: ExportContext): Generator<Change> {
  const field = member(object, 'referredEntities', path);
  if (isAbsent(field)) return;
  const entities = asObject(field);
  for (const guid of Object.keys(entities)) yield entityChange(member(entities, guid, field.path), context);
}

function* entries(field: Field, read: (field: Field) => Iterable<Change>): Generator<Change> {
  if (isAbsent(field)) return;
  for (const item of asList(field, unbounded)) yield* read(item);
}

function* oneEntity(field: Field, context: ExportContext): Generator<Change> {
  const object = asObject(field);
  const nested = member(object, 'entity', field.path);
  yield isJsonObject(nested.value) ? entityChange(nested, context) : entityChange(field, context);
  yield* referred(object, field.path, context);
}

/** `entitiesWithExtInfo` is a list of entities with what they refer to, or one object with all of them. */
function* withExtInfo(field: Field, context: ExportContext): Generator<Change> {
  if (Array.isArray(field.value)) yield* entries(field, (item) => oneEntity(item, context));
  else if (!isAbsent(field)) yield* exportChanges(asObject(field), field.path, context);
}

/**
 * Changes of one export document or line, definitions first so that what they imply is known. All are replays: nobody
 * is alerted by a baseline.
 * @throws HubError invalid-message, limit-exceeded
 */
export function* exportChanges(object: JsonObject, path: string, context: ExportContext): Generator<Change> {
  const at = (key: string): Field => member(object, key, path);
  const definitions = (field: Field): Iterable<Change> => entries(field, (item) => [definitionChange(item, context)]);
  const typesDef: { readonly [key: string]: JsonValue } = optional(at('typesDef'), asObject) ?? {};
  yield* definitions(member(typesDef, 'classificationDefs', at('typesDef').path));
  yield* definitions(at('classificationDefs'));
  yield* withExtInfo(at('entitiesWithExtInfo'), context);
  yield* entries(at('entities'), (item) => oneEntity(item, context));
  if (isJsonObject(object['entity']) || Object.hasOwn(object, 'guid'))
    yield* oneEntity({ value: object, path }, context);
  else yield* referred(object, path, context);
}
