import { type Json, type JsonRecord, recordOf, recordsOf, textOf, textsOf } from '../ui/json.ts';

/** A classification of an asset or column. */
export interface AssetTag {
  /** `scheme/name` */
  readonly tag: string;
  readonly state: string;
  readonly origin: string;
  /** People have said it; what a source says cannot be taken back. */
  readonly isOfPeople: boolean;
}

export interface AssetColumn {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly tags: readonly AssetTag[];
}

/** What people have said over what the source says. */
export interface Curated {
  readonly source: string;
  readonly by: string;
  readonly at: string;
}

/** The document of an asset as a reader has it; empty members where it has none. */
export interface AssetDetails {
  readonly description: string;
  readonly owners: readonly { readonly id: string; readonly type: string; readonly role: string }[];
  readonly terms: readonly string[];
  readonly aliases: readonly string[];
  readonly parent: string;
  readonly properties: readonly { readonly key: string; readonly value: string }[];
  readonly quality: readonly {
    readonly check: string;
    readonly status: string;
    readonly message: string;
    readonly time: string;
  }[];
  readonly tags: readonly AssetTag[];
  readonly columns: readonly AssetColumn[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly curated: ReadonlyMap<string, Curated>;
}

/** As events, filters and channels write it. */
function tagText(entry: JsonRecord): string {
  const scheme = textOf(entry['scheme']).replaceAll('%', '%25').replaceAll('/', '%2F');
  return `${scheme}/${textOf(entry['name'])}`;
}

/** Of an asset or a column. */
function tagsOf(element: JsonRecord): readonly AssetTag[] {
  const { added } = recordOf(recordOf(element['curated'])['classifications']);
  const said = new Set(recordsOf(added).map(tagText));
  return recordsOf(element['classifications']).map((entry) => {
    const tag = tagText(entry);
    return { tag, state: textOf(entry['state']), origin: textOf(entry['origin']), isOfPeople: said.has(tag) };
  });
}

/** A value of any type as a text for people. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function curatedOf(value: Json | undefined): ReadonlyMap<string, Curated> {
  return new Map(
    Object.entries(recordOf(value)).map(([field, entry]) => {
      const { source, by, at } = recordOf(entry);
      return [field, { source: shown(source), by: textOf(by), at: textOf(at) }];
    }),
  );
}

export function assetDetails(document: JsonRecord): AssetDetails {
  return {
    description: textOf(document['description']),
    owners: recordsOf(document['owners']).map(({ id, type, role }) => ({
      ...{ id: textOf(id), type: textOf(type), role: textOf(role) },
    })),
    terms: textsOf(document['terms']),
    aliases: textsOf(document['aliases']),
    parent: textOf(document['parent']),
    properties: recordsOf(document['properties']).map(({ key, value }) => ({ key: textOf(key), value: shown(value) })),
    quality: recordsOf(document['quality']).map(({ check, status, message, time }) => ({
      ...{ check: textOf(check), status: textOf(status), message: textOf(message), time: textOf(time) },
    })),
    tags: tagsOf(document),
    columns: recordsOf(document['columns']).map((column) => ({
      key: textOf(column['key']),
      name: textOf(column['name']),
      type: textOf(column['type']),
      description: textOf(column['description']),
      tags: tagsOf(column),
    })),
    createdAt: textOf(document['createdAt']),
    updatedAt: textOf(document['updatedAt']),
    curated: curatedOf(document['curated']),
  };
}
