import type { Content, ElementKey } from './content.ts';
import type { Facet, Op } from '../event/hub-event.ts';
import { type JsonValue, sameJson } from '../event/json.ts';
import { conceptFields } from './concept.ts';
import { memberFacts, tagFacts, valueFacts } from './curated-facts.ts';
import type { AssetDocument, Column, ConceptDocument, Curated, CuratedColumn } from './document.ts';
import { columnLabels } from './op-labels.ts';

/** Values of a document by JSON pointer; items of lists stand under their key. */
type Leaves = Map<string, JsonValue>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Names of the fields that two contents have alike: they hold no difference and need no second check. */
export function sameFields(held: Readonly<Record<string, unknown>>, after: object): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const [field, value] of Object.entries(after)) if (sameJson(held[field], value)) fields.add(field);
  return fields;
}

function pointer(...parts: readonly string[]): string {
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function put(leaves: Leaves, path: string, value: JsonValue | undefined): void {
  if (value !== undefined) leaves.set(path, value);
}

function columnLeaves(leaves: Leaves, column: Column): void {
  const path = pointer('columns', column.key);
  put(leaves, `${path}/name`, column.name);
  put(leaves, `${path}/type`, column.type);
  put(leaves, `${path}/description`, column.description);
  for (const { connector, ...item } of column.classifications)
    put(leaves, path + pointer('classifications', connector, item.scheme, item.name), item);
  if (column.curated !== undefined) curatedLeaves(leaves, `${path}/curated`, column.curated);
}

/** What people say is a value of its own: what the sources say under it may change while what counts stays. */
function curatedLeaves(leaves: Leaves, path: string, { description, classifications = [] }: CuratedColumn): void {
  if (description !== undefined) put(leaves, `${path}/description`, valueFacts(description));
  for (const tag of classifications)
    put(leaves, path + pointer('classifications', tag.scheme, tag.name), tagFacts(tag));
}

function curatedAssetLeaves(leaves: Leaves, curated: Curated): void {
  const { domain, status, owners = [], terms = [], properties = [] } = curated;
  curatedLeaves(leaves, '/curated', curated);
  if (domain !== undefined) put(leaves, '/curated/domain', valueFacts(domain));
  if (status !== undefined) put(leaves, '/curated/status', valueFacts(status));
  for (const owner of owners) put(leaves, pointer('curated', 'owners', owner.key), memberFacts(owner));
  for (const term of terms) put(leaves, pointer('curated', 'terms', term.key), memberFacts(term));
  for (const property of properties) put(leaves, pointer('curated', 'properties', property.key), memberFacts(property));
}

type ListField = 'owners' | 'aliases' | 'terms' | 'classifications' | 'columns' | 'properties' | 'quality';

/** Lists that are the same need not be walked: there may be thousands of columns. */
function assetLeaves(leaves: Leaves, asset: Content<AssetDocument>, same: ReadonlySet<string>): void {
  const items = <F extends ListField>(field: F): AssetDocument[F] | readonly [] =>
    same.has(field) ? [] : asset[field];
  for (const field of ['fqn', 'platform', 'parent', 'description', 'domain', 'native'] as const)
    put(leaves, `/${field}`, asset[field]);
  for (const owner of items('owners')) put(leaves, pointer('owners', owner.id), owner);
  for (const alias of items('aliases')) put(leaves, pointer('aliases', alias), alias);
  for (const term of items('terms')) put(leaves, pointer('terms', term), term);
  for (const { connector, ...item } of items('classifications'))
    put(leaves, pointer('classifications', connector, item.scheme, item.name), item);
  for (const column of items('columns')) columnLeaves(leaves, column);
  for (const property of items('properties')) put(leaves, pointer('properties', property.key), property);
  for (const result of items('quality')) put(leaves, pointer('quality', result.check), result);
  if (asset.curated !== undefined && !same.has('curated')) curatedAssetLeaves(leaves, asset.curated);
}

function conceptLeaves(leaves: Leaves, concept: Content<ConceptDocument>): void {
  const { texts, lists } = conceptFields[concept.kind];
  put(leaves, '/type', concept.type);
  for (const field of texts) put(leaves, `/${field}`, concept[field]);
  for (const owner of concept.owners) put(leaves, pointer('owners', owner.id), owner);
  for (const field of lists) for (const item of concept[field] ?? []) put(leaves, pointer(field, item), item);
}

function leavesOf(content: Content, same: ReadonlySet<string>): Leaves {
  const leaves: Leaves = new Map();
  put(leaves, '/name', content.name);
  put(leaves, '/status', content.status);
  switch (content.kind) {
    case 'asset':
      put(leaves, '/type', content.type);
      assetLeaves(leaves, content, same);
      break;
    case 'relationship':
      for (const field of ['type', 'from', 'to', 'lineage'] as const) put(leaves, `/${field}`, content[field]);
      for (const property of content.properties) put(leaves, pointer('properties', property.key), property);
      break;
    case 'alert':
      for (const field of ['type', 'subject', 'severity', 'message', 'reason'] as const)
        put(leaves, `/${field}`, content[field]);
      for (const assignee of content.assignees) put(leaves, pointer('assignees', assignee), assignee);
      break;
    case 'definition':
      for (const field of ['scheme', 'level', 'description'] as const) put(leaves, `/${field}`, content[field]);
      for (const parent of content.parents) put(leaves, pointer('parents', parent), parent);
      break;
    case 'term':
    case 'domain':
    case 'team':
      conceptLeaves(leaves, content);
      break;
  }
  return leaves;
}

/** Of the document itself, not of something in it. */
function isField(path: string): boolean {
  return path.indexOf('/', 1) === -1;
}

/** What holds an element is in the values; its place in the path would tell it to whom the values are masked. */
function opaquePath(path: string, keyOf: ElementKey): string {
  if (isField(path)) return path;
  const [, field = '', first = '', third, fourth] = path.split('/');
  if (field === 'curated') return third === undefined ? path : `/curated/${first}/${keyOf(path)}`;
  if (field !== 'columns') return `/${field}/${keyOf(path)}`;
  if (third === 'curated' && fourth === 'classifications')
    return `/columns/${first}/curated/classifications/${keyOf(path)}`;
  return third === 'classifications' ? `/columns/${first}/classifications/${keyOf(path)}` : path;
}

/**
 * What turns one content into another, removals first, then additions and replacements in the order of the document.
 * `same`: what `sameFields` says of them.
 */
export function diffContent(
  before: Content,
  after: Content,
  keyOf: ElementKey,
  same: ReadonlySet<string> = sameFields(before, after),
): readonly Op[] {
  const held = leavesOf(before, same);
  const next = leavesOf(after, same);
  const labelsOf = columnLabels(before, after);
  const ops: Op[] = [];
  const push = (path: string, op: Writable<Op>): void => {
    const labels = labelsOf(path);
    if (labels !== undefined) op.labels = labels;
    ops.push(op);
  };
  for (const [path, old] of held) if (!next.has(path)) push(path, { op: 'remove', path: opaquePath(path, keyOf), old });
  for (const [path, value] of next) {
    const old = held.get(path);
    if (old === undefined) push(path, { op: 'add', path: opaquePath(path, keyOf), new: value });
    else if (!sameJson(old, value)) push(path, { op: 'replace', path: opaquePath(path, keyOf), old, new: value });
  }
  return ops;
}

const assetFacets: Readonly<Record<string, Facet>> = {
  name: 'name',
  fqn: 'name',
  aliases: 'name',
  type: 'type',
  status: 'status',
  description: 'documentation',
  domain: 'domain',
  owners: 'owner',
  terms: 'term',
  classifications: 'classification',
  quality: 'quality',
  native: 'native',
  columns: 'schema',
};

/** The path of the field that people speak of; other paths are as they are. */
export function fieldPath(path: string): string {
  return path.replace(/^(\/columns\/[^/]*)?\/curated\//, '$1/');
}

function assetFacet(opPath: string): Facet {
  if (opPath === '') return 'existence';
  if (isField(opPath)) return assetFacets[opPath.slice(1)] ?? 'property';
  const path = fieldPath(opPath);
  const [, first = '', , third] = path.split('/');
  if (first === 'columns' && third === 'classifications') return 'classification';
  if (first === 'columns' && third === 'description') return 'documentation';
  return assetFacets[first] ?? 'property';
}

function conceptFacet(path: string): Facet {
  const [, first] = path.split('/');
  return first === undefined ? 'existence' : (assetFacets[first] ?? 'definition');
}

/** The parts of a document that ops touch, each once, in the order of the ops. */
export function facetsOf(kind: Content['kind'], ops: readonly Op[]): readonly Facet[] {
  switch (kind) {
    case 'asset':
      return [...new Set(ops.map((op) => assetFacet(op.path)))];
    case 'relationship':
      return ['relationship'];
    case 'alert':
      return ['incident'];
    case 'definition':
      return ['definition'];
    case 'term':
    case 'domain':
    case 'team':
      return [...new Set(ops.map((op) => conceptFacet(op.path)))];
  }
}
