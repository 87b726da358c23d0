import type { AssetDocument, Column, Property } from '../catalog/document.ts';
import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import { type AttributeLevel, openRequirement, type Requirement } from './attributes.ts';

/** Of one document, in UTF-16 units. What is beyond is not found; names come first. */
export const maxTextLength = 64 * 1024;

/** A text in which words are searched for. */
export interface SearchText {
  /** Name of the member that has it, as highlights name it. */
  readonly field: string;
  readonly level: AttributeLevel;
  readonly requirement: Requirement;
  readonly text: string;
}

/** Texts of a document, and whether some were cut because together they are too long. */
export interface DocumentTexts {
  readonly texts: readonly SearchText[];
  /** Of all texts, with what was cut. */
  readonly length: number;
  readonly isCut: boolean;
}

type Labelled = Pick<SearchText, 'field' | 'level' | 'text'>;

function labelled(level: AttributeLevel, field: string, texts: readonly (string | null | undefined)[]): Labelled[] {
  return texts.flatMap((text) => (text === null || text === undefined || text === '' ? [] : { field, level, text }));
}

function propertyTexts(properties: readonly Property[]): readonly string[] {
  return properties.map(({ key, value }) =>
    typeof value === 'string' || typeof value === 'number' ? `${key} ${value}` : key,
  );
}

function columnNames(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name);
}

function ofAsset(asset: WithoutHead<AssetDocument>, { tags }: Head): readonly Labelled[] {
  return [
    ...labelled(1, 'fqn', [asset.fqn]),
    ...labelled(1, 'aliases', asset.aliases),
    ...labelled(2, 'columns', columnNames(asset.columns)),
    ...labelled(2, 'terms', asset.terms),
    ...labelled(2, 'tags', tags),
    ...labelled(3, 'description', [asset.description]),
    ...labelled(
      3,
      'columns',
      asset.columns.map(({ description }) => description),
    ),
    ...labelled(3, 'properties', propertyTexts(asset.properties)),
  ];
}

function ofKind(document: WithoutHead, head: Head): readonly Labelled[] {
  switch (document.kind) {
    case 'asset':
      return ofAsset(document, head);
    case 'relationship':
      return labelled(3, 'properties', propertyTexts(document.properties));
    case 'alert':
      return [...labelled(2, 'message', [document.message]), ...labelled(3, 'reason', [document.reason])];
    case 'definition':
      return [...labelled(1, 'scheme', [document.scheme]), ...labelled(3, 'description', [document.description])];
    case 'term':
    case 'domain':
    case 'team':
      return [
        ...labelled(1, 'synonyms', document.synonyms ?? []),
        ...labelled(2, 'glossary', [document.glossary]),
        ...labelled(3, 'description', [document.description]),
      ];
  }
}

/**
 * What of a document is searched: names, columns, terms, tags, descriptions, messages and properties; never the urn, owners
 * (filters find them) or what a source sent as it came. A pure function of the document: of a masked one it gives
 * what its reader may find.
 */
export function textsOf(document: WithoutHead, head: Head): DocumentTexts {
  let left = maxTextLength;
  const texts: SearchText[] = [];
  const all = [...labelled(0, 'name', [document.name]), ...ofKind(document, head)];
  for (const each of all) {
    const text = each.text.slice(0, left);
    left -= text.length;
    if (text !== '') texts.push({ ...each, requirement: openRequirement, text });
  }
  const length = all.reduce((sum, { text }) => sum + text.length, 0);
  return { texts, length, isCut: length > maxTextLength };
}
