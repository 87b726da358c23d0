import { isJsonObject, type JsonObject } from '../event/json.ts';
import type { RevocationRecord } from './revocation.ts';

/**
 * Records of the control topic. Each kind has a version of its form, `v`, that is raised when an older
 * node would misread the record; a node reads every version up to the newest it knows.
 */
export type ControlRecord = RevocationRecord;
type Kind = ControlRecord['kind'];

/** `garbage`: not a record, or not in the form of its kind. */
export type ControlProblem = 'garbage' | 'unknown-kind' | 'newer-version';

/** A record that this node cannot read, and skips. */
export interface UnreadControl {
  readonly problem: ControlProblem;
  /** The kind in the record, truncated to a bounded length; undefined if there is none. */
  readonly kind?: string;
  readonly v?: number;
  /** One of the kinds that this node knows, for labels. */
  readonly known?: Kind;
  /** This node does not apply the sender's change of rights as long as it cannot read the record. */
  readonly concernsSecurity: boolean;
}

interface KindRule<Record> {
  readonly newest: number;
  readonly concernsSecurity: boolean;
  /** Undefined if it does not match the form of this kind in its version. */
  readonly holds: (fields: JsonObject) => fields is JsonObject & Record;
}

const kinds: { readonly [K in Kind]: KindRule<Extract<ControlRecord, { readonly kind: K }>> } = {
  revocation: { newest: 1, concernsSecurity: true, holds: isRevocation },
};
const maxKindLength = 64;

/** Reads one record from any sender. Never throws. */
export function parseControlRecord(value: unknown): ControlRecord | UnreadControl {
  if (!isJsonObject(value) || typeof value['kind'] !== 'string') return { problem: 'garbage', concernsSecurity: false };
  const { kind, v } = value;
  if (!isKnown(kind)) return { problem: 'unknown-kind', kind: kind.slice(0, maxKindLength), concernsSecurity: false };
  const { newest, concernsSecurity, holds } = kinds[kind];
  const about = { kind, known: kind, concernsSecurity };
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 1) return { problem: 'garbage', ...about };
  if (v > newest) return { problem: 'newer-version', v, ...about };
  return holds(value) ? value : { problem: 'garbage', v, ...about };
}

/** The same for a record as text. Never throws. */
export function parseControlText(text: string): ControlRecord | UnreadControl {
  try {
    const value: unknown = JSON.parse(text);
    return parseControlRecord(value);
  } catch {
    return { problem: 'garbage', concernsSecurity: false };
  }
}

/** Tells a record that was not understood from one that was, of what {@link parseControlRecord} gives. */
export function isUnread(reading: ControlRecord | UnreadControl): reading is UnreadControl {
  return 'problem' in reading;
}

function isKnown(kind: string): kind is Kind {
  return Object.hasOwn(kinds, kind);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTime(value: unknown): boolean {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isTarget(target: JsonObject): boolean {
  switch (target['kind']) {
    case 'token':
      return isText(target['token']);
    case 'session':
      return isText(target['session']);
    case 'subject':
      return isText(target['subject']) && isTime(target['issuedBefore']);
    case 'all':
      return isTime(target['issuedBefore']);
    default:
      return false;
  }
}

function isRevocation(fields: JsonObject): fields is JsonObject & RevocationRecord {
  const { id, tenant, target, by, at, expiresAt } = fields;
  const isWhole = isText(id) && isText(tenant) && isText(by) && isTime(at) && isTime(expiresAt);
  return isWhole && isJsonObject(target) && isTarget(target);
}
