import { isJsonObject, type JsonObject } from '../event/json.ts';
import type { Revocation } from './revocation.ts';

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

/** A revocation as it travels between nodes; undefined for what is none, whoever sent it. */
export function parseRevocation(value: unknown): Revocation | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, tenant, target, by, at, expiresAt } = value;
  const isWhole = isText(id) && isText(tenant) && isText(by) && isTime(at) && isTime(expiresAt);
  return isWhole && isJsonObject(target) && isTarget(target) ? (value as unknown as Revocation) : undefined;
}
