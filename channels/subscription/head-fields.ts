/** What a filter may compare, and how. */
export interface FieldKind {
  readonly type: 'string' | 'number';
  readonly list: boolean;
  readonly nullable: boolean;
}

const text = { type: 'string', list: false, nullable: false } as const;
const optionalText = { type: 'string', list: false, nullable: true } as const;
const texts = { type: 'string', list: true, nullable: false } as const;

/** Fields of a head that filters and grants may name. The tenant is not one: it always comes from the token. */
export const headFields: Readonly<Record<string, FieldKind>> = {
  urn: text,
  kind: text,
  type: text,
  name: text,
  fqn: optionalText,
  platform: optionalText,
  connector: text,
  domain: optionalText,
  owners: texts,
  tags: texts,
  confirmedTags: texts,
  refs: texts,
  status: text,
  severity: { type: 'number', list: false, nullable: true },
};

/** Head fields that hold classifications; filters reach into them with `$elemMatch` only. */
export const classificationLists: readonly string[] = ['classifications', 'columnClassifications'];

/** Fields of one classification inside `$elemMatch`. */
export const classificationFields: Readonly<Record<string, FieldKind>> = {
  scheme: text,
  name: text,
  level: { type: 'number', list: false, nullable: true },
  origin: text,
  state: text,
};
