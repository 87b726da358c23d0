import type { Clock } from '../../channels/ports/clock.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { invalid } from './faults.ts';
import { asText, type Field } from './fields.ts';

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?([Zz]|([+-])(\d\d):(\d\d))$/;
/** 9999-12-31T23:59:59.999Z: later times have no RFC 3339 form. */
const maxMs = 253_402_300_799_999;
const minMs = -62_135_596_800_000;
const minuteMs = 60_000;
const canonicalLength = '2026-03-01T09:30:00.000Z'.length;

export const systemClock: Clock = { now: () => Date.now() };

/** RFC 3339 UTC with milliseconds, in which text order is time order. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function offsetMs(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs;
}

/** Most sources write the form in which times are kept: it is what comes back from reading it. */
function isCanonical(value: Field['value']): value is string {
  if (typeof value !== 'string' || value.length !== canonicalLength) return false;
  const ms = Date.parse(value);
  return ms >= minMs && ms <= maxMs && isoTime(ms) === value;
}

/**
 * Any RFC 3339 time, normalised to UTC milliseconds (finer digits are cut, a leap second becomes the last
 * millisecond of its minute).
 * @throws HubError invalid-message
 */
export function asTime(field: Field): string {
  if (isCanonical(field.value)) return field.value;
  const match = rfc3339.exec(asText(field, 64));
  const fault = (): HubError => invalid(field.path, 'must be an RFC 3339 time, for example 2026-03-01T09:30:00Z');
  if (match === null) throw fault();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (hour > 23 || minute > 59 || second > 60 || Number(match[10] ?? 0) > 23 || Number(match[11] ?? 0) > 59)
    throw fault();
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw fault();
  const fraction = second === 60 ? 59_999 : second * 1000 + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const ms = date.getTime() + (hour * 60 + minute) * minuteMs + fraction - offsetMs(match[9], match[10], match[11]);
  if (ms < minMs || ms > maxMs) throw fault();
  return isoTime(ms);
}

/**
 * Milliseconds since 1970 as number or quoted number. 0 and absent mean that the source has set none.
 * @throws HubError invalid-message
 */
export function epochMs({ value, path }: Field): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof ms !== 'number' || !Number.isSafeInteger(ms) || ms < 0 || ms > maxMs) {
    throw invalid(path, 'must be a time in milliseconds since 1970');
  }
  return ms === 0 ? undefined : ms;
}

/** The transport's own time; a transport that gives nonsense must not stop a message. */
export function transportTime(timestampMs: number): string {
  return isoTime(
    Number.isFinite(timestampMs) && timestampMs >= 0 && timestampMs <= maxMs ? Math.trunc(timestampMs) : 0,
  );
}
