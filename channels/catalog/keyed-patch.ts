/**
 * What people send to change an asset: a merge patch (RFC 7396) of its keyed form, in which every list is an object by a
 * stable key. So `null` removes one member and touches nothing else, and patches of different people commute; a patch by
 * index would hit another member when somebody else has changed the list meanwhile.
 */
import type { JsonObject, JsonValue } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import type { CurationOfColumn, CurationOfTag, CurationPatch, TagWord } from './change.ts';
import type { AssetDocument, Column, Owner } from './document.ts';
import {
  KeyedReader,
  merged,
  ownerOf,
  type PatchedPlace,
  pointer,
  textOrNull,
  unknownMember,
  wordsOf,
} from './keyed-reader.ts';
import { documentLimits as limits } from './limits.ts';
import { bounded, invalidPatch, printable } from './patch-text.ts';

export interface KeyedPatch {
  readonly curation: CurationPatch;
  readonly places: readonly PatchedPlace[];
}

/** Only the sources say these of an asset. */
const ofSources = new Set(
  ['kind', 'urn', 'name', 'type', 'fqn', 'platform', 'parent', 'aliases', 'quality', 'native'].concat([
    'createdAt',
    'updatedAt',
    'curated',
    'tags',
    'key',
  ]),
);

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function statusOf(value: JsonValue): 'active' | 'deprecated' | null {
  if (value === null || value === 'active' || value === 'deprecated') return value;
  throw invalidPatch('/status', 'must be "active", "deprecated" or null');
}

/** `scheme/name`; a `/` in the scheme is written `%2F` and a `%` as `%25`. */
export function parseTag(text: string, path: string): { readonly scheme: string; readonly name: string } {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1) throw invalidPatch(path, 'a classification is written scheme/name');
  const scheme = text.slice(0, slash).replaceAll(/%2F/gi, '/').replaceAll('%25', '%');
  return {
    scheme: bounded(scheme, path, limits.idLength),
    name: bounded(text.slice(slash + 1), path, limits.idLength),
  };
}

function tagWord(value: JsonValue, path: string, reader: KeyedReader): TagWord | null {
  if (value === null) return null;
  const word: Writable<Partial<TagWord>> = {};
  for (const [name, member] of reader.members(value, path)) {
    const at = pointer(path, name);
    if (name === 'state') {
      if (member !== 'confirmed' && member !== 'rejected') throw invalidPatch(at, 'must be "confirmed" or "rejected"');
      word.state = member;
    } else if (name === 'level') {
      if (typeof member !== 'number' || !Number.isInteger(member) || member < 0 || member > 1000)
        throw invalidPatch(at, 'must be a whole number from 0 to 1000');
      word.level = member;
    } else if (name === 'reason') {
      word.reason = textOrNull(member, at, limits.nameLength) ?? '';
    } else throw unknownMember(at, ['state', 'level', 'reason']);
  }
  const { state = 'confirmed', ...rest } = word;
  return { state, ...rest };
}

function tagsOf(value: JsonValue, path: string, reader: KeyedReader, column?: string): readonly CurationOfTag[] {
  return reader.members(value, path).map(([key, member]) => {
    const at = pointer(path, key);
    reader.place(column === undefined ? 'classifications' : 'columns.classifications', at, column);
    const word = tagWord(member, at, reader);
    const tag = parseTag(key, at);
    // what is already there can be taken away, whatever it is called
    if (word !== null) for (const part of [tag.scheme, tag.name]) printable(part, at);
    return { ...tag, word };
  });
}

/** By its key, else by its name: the two never meet, because keys are made by the hub. */
export function columnOf({ columns }: Pick<AssetDocument, 'columns'>, key: string): Column | undefined {
  return columns.find((column) => column.key === key) ?? columns.find((column) => column.name === key);
}

/** `name`: as the sources call it, whatever the reader sees of that. */
function columnPatch(
  { key, name: sourceName }: Column,
  value: JsonValue,
  path: string,
  reader: KeyedReader,
): CurationOfColumn {
  if (value === null)
    throw new HubError('forbidden', `${path}: only its source removes a column`, { publicDetails: { path } });
  const patch: Writable<CurationOfColumn> = { name: sourceName };
  for (const [name, member] of reader.members(value, path)) {
    const at = pointer(path, name);
    if (name === 'description') {
      reader.place('columns.description', at, key);
      patch.description = textOrNull(member, at, limits.textLength);
    } else if (name === 'classifications') {
      patch.classifications = tagsOf(member, at, reader, key);
    } else throw otherMember(name, at, ['description', 'classifications']);
  }
  return patch;
}

function otherMember(name: string, path: string, known: readonly string[]): HubError {
  if (!ofSources.has(name)) return unknownMember(path, known);
  return new HubError('forbidden', `${path}: only its sources say this of an asset`, { publicDetails: { path } });
}

function columnsOf(value: JsonValue, { shown, whole }: PatchTarget, reader: KeyedReader): readonly CurationOfColumn[] {
  const named = new Set<string>();
  return reader.members(value, '/columns').map(([key, member]) => {
    const at = pointer('/columns', key);
    const seen = columnOf(shown, key);
    const column = seen && whole.columns.find((each) => each.key === seen.key);
    if (column === undefined) throw invalidPatch(at, 'there is no such column, or you may not see it');
    if (named.has(column.key)) throw invalidPatch(at, 'the column is named twice, by its key and by its name');
    named.add(column.key);
    return columnPatch(column, member, at, reader);
  });
}

const known = ['description', 'domain', 'status', 'owners', 'terms', 'properties', 'classifications', 'columns'];

/** An asset that is patched. */
export interface PatchTarget {
  /** As whoever patches it sees it: keys are looked up in this. */
  readonly shown: Pick<AssetDocument, 'owners' | 'properties' | 'columns'> & Pick<Partial<AssetDocument>, 'curated'>;
  readonly whole: Pick<AssetDocument, 'columns'>;
}

/** By id, also those whom people have removed: named again they come back as their source has them. */
function heldOwners({ owners, curated }: PatchTarget['shown']): ReadonlyMap<string, Owner> {
  const removed = (curated?.owners ?? []).flatMap(({ source }) => source ?? []);
  return new Map([...removed, ...owners].map((owner) => [owner.id, owner]));
}

/** @throws HubError invalid-request, forbidden; both name the path */
export function parseKeyedPatch(body: JsonObject, target: PatchTarget): KeyedPatch {
  const reader = new KeyedReader();
  const curation: Writable<CurationPatch> = {};
  for (const [name, value] of reader.members(body, '')) {
    const path = pointer('', name);
    switch (name) {
      case 'description':
        reader.place(name, path);
        curation.description = textOrNull(value, path, limits.textLength);
        break;
      case 'domain':
        reader.place(name, path);
        curation.domain = textOrNull(value, path, limits.idLength);
        if (curation.domain !== null && curation.domain !== '') printable(curation.domain, path);
        break;
      case 'status':
        reader.place(name, path);
        curation.status = statusOf(value);
        break;
      case 'owners': {
        const held = heldOwners(target.shown);
        curation.owners = wordsOf(value, path, name, reader, (id, member, at) =>
          ownerOf(id, member, held.get(id), at, reader),
        );
        break;
      }
      case 'terms':
        curation.terms = wordsOf(value, path, name, reader, (term, member, at) => {
          if (member !== null && reader.members(member, at).length > 0) throw invalidPatch(at, 'must be {} or null');
          return member === null ? null : term;
        });
        break;
      case 'properties': {
        const held = new Map(target.shown.properties.map((property) => [property.key, property.value]));
        curation.properties = wordsOf(value, path, name, reader, (key, member) =>
          member === null ? null : merged(held.get(key), member),
        );
        break;
      }
      case 'classifications':
        curation.classifications = tagsOf(value, path, reader);
        break;
      case 'columns':
        curation.columns = columnsOf(value, target, reader);
        break;
      default:
        throw otherMember(name, path, known);
    }
  }
  return { curation, places: reader.places };
}
