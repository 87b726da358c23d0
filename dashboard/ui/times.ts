const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Of today, to the second. */
export function clockTime(ms: number): string {
  return clock.format(ms);
}

/** Day and time of an RFC 3339 text; the text itself where it is none. */
export function dayAndTime(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : day.format(ms);
}

/** `5 s ago`, for what is not older than a day; then the day. */
export function ago(text: string, nowMs: number): string {
  const seconds = Math.round((nowMs - Date.parse(text)) / 1000);
  if (Number.isNaN(seconds)) return text;
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dayAndTime(text);
}
