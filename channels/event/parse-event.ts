/**
 * Reads a record of the log. Anybody who may write to the topic can put anything there, and so can a hub of another
 * version; so whatever matching, judging, encoding or the journal reads of an event is checked here, once, by hand: a
 * schema library would cost more than parsing the text does.
 */
import { formOf } from '../forms/form-of.ts';
import { documentKinds } from './head.ts';
import type { HubEvent } from './hub-event.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { upgradedEvent } from './upgrade-event.ts';

const kinds: ReadonlySet<unknown> = new Set(documentKinds);

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  for (const item of value) if (!isItem(item)) return false;
  return true;
}

function isTag(value: unknown): boolean {
  return isJsonObject(value) && isText(value['scheme']) && isText(value['name']);
}

function isColumn(value: unknown): boolean {
  return isJsonObject(value) && isList(value['classifications'], isJsonObject);
}

function isHead(value: unknown, form: number): boolean {
  if (!isJsonObject(value)) return false;
  const { tenant, urn, kind, type, name, connector, status, fqn, platform, domain, severity } = value;
  return (
    isText(tenant) &&
    isText(urn) &&
    kinds.has(kind) &&
    isText(type) &&
    isText(name) &&
    isText(connector) &&
    isText(status) &&
    isTextOrNull(fqn) &&
    isTextOrNull(platform) &&
    isTextOrNull(domain) &&
    (severity === null || typeof severity === 'number') &&
    isList(value['owners'], isText) &&
    isList(value['tags'], isText) &&
    (form === 1 || isList(value['confirmedTags'], isText)) &&
    isList(value['refs'], isText) &&
    isList(value['classifications'], isTag) &&
    isList(value['columnClassifications'], isTag)
  );
}

function isDocument(value: unknown): boolean {
  if (!isJsonObject(value) || !kinds.has(value['kind'])) return false;
  if (value['kind'] !== 'asset') return true;
  return isList(value['classifications'], isJsonObject) && isList(value['columns'], isColumn);
}

function isOp(value: unknown): boolean {
  return isJsonObject(value) && isText(value['op']) && isText(value['path']);
}

function isChange(value: unknown): boolean {
  return isJsonObject(value) && isList(value['facets'], isText) && isList(value['ops'], isOp);
}

function isData({ version, heads, change, after }: JsonObject, form: number): boolean {
  return (
    Number.isSafeInteger(version) &&
    Number(version) > 0 &&
    isJsonObject(heads) &&
    (heads['before'] === null || isHead(heads['before'], form)) &&
    (heads['after'] === null || isHead(heads['after'], form)) &&
    isChange(change) &&
    (after === undefined || isDocument(after))
  );
}

function isEvent(value: JsonObject, form: number): value is JsonObject & HubEvent {
  const { tenant, subject, id, type, time, recordedtime, data, policyfloor } = value;
  return (
    isText(tenant) &&
    isText(subject) &&
    isText(id) &&
    isText(type) &&
    isText(time) &&
    isText(recordedtime) &&
    !Number.isNaN(Date.parse(recordedtime)) &&
    (policyfloor === undefined || Number.isSafeInteger(policyfloor)) &&
    isJsonObject(data) &&
    isData(data, form)
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A number is a form, and these members stay whatever the form: a record without them is not of a hub, and must not stop
 * one by calling itself newer.
 */
function isOfHub({ v, tenant, subject, id, recordedtime }: JsonObject): boolean {
  const saysForm = v === undefined || (Number.isSafeInteger(v) && Number(v) >= 1);
  return saysForm && isText(tenant) && isText(subject) && isText(id) && isText(recordedtime);
}

/**
 * The event of a record of the log; undefined for what is none, whoever wrote it.
 * @throws NewerForm for an event of a newer release
 */
export function parseEvent(text: string): HubEvent | undefined {
  const value = parsed(text);
  if (!isJsonObject(value) || !isOfHub(value)) return undefined;
  const form = formOf('event', value['v']);
  if (!isEvent(value, form)) return undefined;
  return form === 1 ? upgradedEvent(value) : value;
}
