import { createHash } from 'node:crypto';
import { isJsonObject } from '../../channels/event/json.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import { type Head, tagText } from '../../channels/event/head.ts';
import type { IndexPosition, IndexRow } from '../../channels/ports/search-index.ts';
import { openRequirement } from '../../channels/search/attributes.ts';
import type { SearchText } from '../../channels/search/document-texts.ts';
import { sortFields } from '../../channels/protocol/search.ts';
import { sortValue } from '../../channels/search/rank.ts';
import { tokensOf } from '../../channels/search/words.ts';
import { classificationFields, classificationLists, headFields } from '../../channels/subscription/head-fields.ts';
import { memberField, storedFields, textAttribute } from './attribute-names.ts';
import { noMember, noValue, sortedValue, storedRank, storedValues } from './stored-value.ts';

/** In lower case, because the server compares without regard to case. */
export function rowId(tenant: string, urn: string): string {
  return createHash('sha256').update(documentKey(tenant, urn)).digest('hex');
}

/** The id of the record of the position, in each index. */
export const positionId = 'position';

type Values = Readonly<Record<string, readonly string[]>>;

function stored(value: unknown): readonly string[] {
  return typeof value === 'string' || typeof value === 'number' ? storedValues(value) : [];
}

function membersOf(list: string, items: readonly unknown[]): Values {
  const objects = items.filter((item) => isJsonObject(item));
  const of = (member: string): readonly string[] => [
    ...new Set(objects.flatMap((item) => ((item[member] ?? null) === null ? [noMember] : stored(item[member])))),
  ];
  const members = Object.keys(classificationFields).map((member) => [memberField(list, member), of(member)] as const);
  const tags = objects.flatMap(({ scheme, name }) =>
    typeof scheme === 'string' && typeof name === 'string' ? storedValues(tagText(scheme, name)) : [],
  );
  const ranks = objects.flatMap(({ scheme, level }) =>
    typeof scheme === 'string' && typeof level === 'number' ? [storedRank(scheme, level)] : [],
  );
  return Object.fromEntries([
    ...members,
    [memberField(list, 'tag'), [...new Set(tags)]],
    [memberField(list, 'rank'), [...new Set(ranks)]],
  ]);
}

/** Values of a part of a head by their stored names, without those that have none. */
function valuesOf(fields: Partial<Head>): Values {
  const given: Readonly<Record<string, unknown>> = fields;
  const plain = Object.keys(headFields).map((name) => [name, [given[name]].flat().flatMap(stored)] as const);
  const lists = classificationLists.map((list) => membersOf(list, [given[list] ?? []].flat()));
  const all = Object.assign(Object.fromEntries(plain), ...lists);
  return Object.fromEntries(Object.entries<readonly string[]>(all).filter(([, values]) => values.length > 0));
}

/** Whether each document has it; of a list of classifications one member says enough, and most documents have none. */
function isMarked(field: string): boolean {
  return headFields[field] !== undefined || classificationLists.some((list) => field === memberField(list, 'scheme'));
}

/** For each field what everybody sees, or that this is nothing, and then what those see who meet a requirement. */
function visibleValues({ visible }: IndexRow): Readonly<Record<string, Values>> {
  const byRequirement = new Map(visible.map(({ requirement, fields }) => [requirement, valuesOf(fields)]));
  const open = byRequirement.get(openRequirement) ?? {};
  const fields = storedFields.flatMap((field) => {
    const hidden = [...byRequirement].flatMap(([requirement, values]) =>
      requirement === openRequirement || values[field] === undefined
        ? []
        : [[`r${requirement}`, values[field]] as const],
    );
    const seen = open[field] ?? (isMarked(field) ? [noValue] : undefined);
    if (seen === undefined && hidden.length === 0) return [];
    return [[field, { ...(seen === undefined ? {} : { r0: seen }), ...Object.fromEntries(hidden) }] as const];
  });
  return Object.fromEntries(fields);
}

/** What of the head not everybody sees; nothing, as a rule. */
function hiddenValues({ head, visible }: IndexRow): Values | undefined {
  const open = valuesOf(visible.find(({ requirement }) => requirement === openRequirement)?.fields ?? {});
  const hidden = Object.entries(valuesOf(head)).flatMap(([field, values]) => {
    const left = values.filter((value) => open[field]?.includes(value) !== true);
    return left.length === 0 ? [] : [[field, left] as const];
  });
  return hidden.length === 0 ? undefined : Object.fromEntries(hidden);
}

/** The words as the hub cuts and folds them, so that the server has nothing left to decide. */
function wordsOfTexts(texts: readonly SearchText[]): Readonly<Record<string, string>> {
  const found = new Map<string, string[]>();
  for (const { level, requirement, text } of texts) {
    const name = textAttribute(level, requirement);
    const words = found.get(name) ?? [];
    found.set(name, words);
    for (const { word, parts } of tokensOf(text)) words.push(word, ...parts.map((part) => part.word));
  }
  return Object.fromEntries([...found].map(([name, words]) => [name, words.join(' ')]));
}

/** By which results are sorted: what everybody sees, because an order must not tell what a class does not see. */
function sortValues({ visible }: IndexRow): Readonly<Record<string, string>> {
  const open = visible.find(({ requirement }) => requirement === openRequirement)?.fields ?? {};
  return Object.fromEntries(
    sortFields.flatMap((field) => {
      const value = sortValue(open, field);
      return value === null ? [] : [[field, sortedValue(value)] as const];
    }),
  );
}

/** `p2.r3` is the member `r3` of `p2`. */
function nested(flat: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    const [parent = '', child] = name.split('.');
    const held = result[parent];
    result[parent] = child === undefined ? value : { ...(isJsonObject(held) ? held : {}), [child]: value };
  }
  return result;
}

/** The texts of a document as they are sent. */
export function storedTexts(texts: readonly SearchText[]): Readonly<Record<string, unknown>> {
  return nested(wordsOfTexts(texts));
}

/** A document as it is sent to the server. */
export function storedRow(row: IndexRow, build: string): object {
  const { tenant, urn, version, ord, texts } = row;
  const hidden = hiddenValues(row);
  return {
    ...{ id: rowId(tenant, urn), s: 0, u: urn, v: version, b: build, ord },
    ...storedTexts(texts),
    f: visibleValues(row),
    o: sortValues(row),
    ...(hidden === undefined ? {} : { h: hidden }),
  };
}

/** The record of a position. `order` grows with each that is written. */
export function storedPosition(position: IndexPosition | undefined, build: string, order: number): object {
  return {
    ...{ id: positionId, s: 1, b: build, q: order },
    ...(position === undefined ? {} : { e: position.epoch, n: position.vector }),
  };
}
